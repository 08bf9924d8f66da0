// The real command as a child process.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/auth-failover.mjs', import.meta.url));

/** Nothing of the machine's own settings. `NODE_V8_COVERAGE` and the like stay. */
function environment(env) {
  const { NO_COLOR, FORCE_COLOR, LC_ALL, LC_CTYPE, LANG, TERM_PROGRAM, WT_SESSION, ...rest } = process.env;
  return { ...rest, LANG: 'C.UTF-8', OPENCLAW_AGENT_DIR: '/nowhere', ...env };
}

/** Runs the command to its end, with `input` as its standard input, by `node` with options of its own. */
export function run(args, env = {}, input = '', [node, ...options] = [process.execPath]) {
  const command = [...options, BIN, ...args];
  const { status, signal, stdout, stderr, error } = spawnSync(node, command, {
    encoding: 'utf8',
    env: environment(env),
    input,
  });
  if (error) throw error;
  return { status, signal, stdout, stderr };
}

/** Starts the command, which goes on until the test ends. `line()` is its next line. */
export function watch(test, args, env = {}, node = process.execPath) {
  const child = spawn(node, [BIN, 'watch', ...args], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    line: async () => (await lines.next()).value,
    json: async () => JSON.parse((await lines.next()).value),
  };
}
