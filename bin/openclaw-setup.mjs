// Runs the gateway's commands that `auth-failover openclaw …` asks for. What is run, and what is said, is decided in the core.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { execPath, platform, stdout, stderr } = process;

/**
 * The gateway's own prompts reach the person who sits there, unless what it says is for us. Resolves with why it did not
 * do its work, and what it said.
 */
function run(openclaw, { run: args, isCaptured }, stateDir) {
  const env = stateDir === null ? process.env : { ...process.env, OPENCLAW_STATE_DIR: stateDir };
  const isScript = /\.[cm]?js$/.test(openclaw);
  const [command, words] = isScript ? [execPath, [openclaw, ...args]] : [openclaw, args];
  const stdio = isCaptured ? ['inherit', 'pipe', 'inherit'] : 'inherit';
  // On Windows npm's commands are scripts of its shell.
  const options = { stdio, env, shell: platform === 'win32' && !isScript };
  return new Promise((resolve) => {
    const child = spawn(command, options.shell ? words.map(quoted) : words, options);
    let said = '';
    child.stdout?.on('data', (piece) => {
      said += piece;
    });
    child.once('error', ({ code }) =>
      resolve({
        fault: code === 'ENOENT' ? `there is no ${openclaw} on the PATH; say where it is with --openclaw` : code,
      }),
    );
    child.once('close', (status, signal) =>
      resolve({
        said,
        fault: status === 0 ? undefined : `openclaw ${args.slice(0, 2).join(' ')} ended with ${signal ?? status}`,
      }),
    );
  });
}

const quoted = (word) => `"${word.replaceAll('"', '\\"')}"`;

export async function setUp(args, write) {
  const { openOpenclawSetup } = createRequire(import.meta.url)('../entry/main.js');
  const setup = openOpenclawSetup(args, fileURLToPath(new URL('..', import.meta.url)));
  let ended = {};
  for (;;) {
    const step = setup.next(ended.fault, ended.said);
    await write(stdout, step.stdout);
    await write(stderr, step.stderr);
    if (step.exitCode !== null) return step.exitCode;
    ended = step.run === null ? {} : await run(setup.openclaw, step, setup.stateDir);
  }
}
