// Runs a published gateway: its command line, and the gateway itself with turns over its HTTP endpoint.
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { node } from './install.mjs';

const token = 'loopback-only';
// Of a computer's own settings the gateway sees none: no home, no keys.
export const environment = ({ folder }) => ({
  PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
  HOME: join(folder, 'home'),
  OPENCLAW_STATE_DIR: folder,
  OPENCLAW_DISABLE_BONJOUR: '1',
  OPENCLAW_SKIP_CHANNELS: '1',
  OPENCLAW_SKIP_BROWSER_CONTROL_SERVER: '1',
  OPENCLAW_SKIP_GMAIL_WATCHER: '1',
  OPENCLAW_NO_AUTO_UPDATE: '1',
  // The directory of its locks, so that two runs do not meet.
  TMPDIR: join(folder, 'tmp'),
  NO_COLOR: '1',
});

const program = ({ gateway }) => join(gateway.folder, 'openclaw.mjs');

function launch(state, args) {
  const child = spawn(node, [program(state), ...args], { env: environment(state), cwd: state.folder });
  child.output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (piece) => (child.output[name] += piece));
  child.ended = new Promise((resolve) => child.on('close', resolve));
  return child;
}

/**
 * Runs `openclaw …` to its end, or stops it after `limitMs`: `{ status, stdout, stderr, stopped }`.
 */
export async function command(state, args, { input = '', limitMs = 600_000 } = {}) {
  const child = launch(state, args);
  child.stdin.end(input);
  let stopped = false;
  const timer = setTimeout(() => {
    stopped = true;
    child.kill('SIGKILL');
  }, limitMs);
  const status = await child.ended;
  clearTimeout(timer);
  return { status, stopped, ...child.output };
}

/** The same, but throws with what was said if it fails; gives standard output. */
export async function mustSucceed(state, args, options) {
  const { status, stdout, stderr } = await command(state, args, options);
  if (status === 0) return stdout;
  throw new Error(`openclaw ${args.join(' ')} ended with ${status}\n${`${stdout}\n${stderr}`.trim().slice(-2000)}`);
}

/** A turn in a process of its own; resolves with its `text`, if there was one, beside what `command` gives. */
export async function localTurn(state, { agent = 'main', session, message, limitMs }) {
  const args = ['agent', '--local', '--agent', agent, '--session-id', session, '--message', message, '--json'];
  const result = await command(state, args, { limitMs });
  const start = result.stdout.indexOf('{');
  const answer = result.status === 0 && start >= 0 ? JSON.parse(result.stdout.slice(start)) : undefined;
  return { ...result, text: answer?.payloads?.[0]?.text };
}

/** Whether a plugin learns how long the server wants an account left alone. */
export const tellsWaits = ({ version }) => version >= '2026.8';

const STARTS = 4;

/** Starts the gateway of a state directory and waits until it answers. `log()` gives its output. */
export async function startGateway(state) {
  // Its own limits at start are of seconds; on a busy machine it gives up, and is started again as a supervisor would.
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(state);
    } catch (error) {
      if (start === STARTS) throw error;
      console.error(`  the gateway did not start, once more: ${error.message.slice(0, 200)}`);
    }
  }
}

async function startOnce(state) {
  const port = await freePort();
  const child = launch(state, ['gateway', 'run', '--port', String(port), '--bind', 'loopback', '--token', token]);
  const log = join(state.folder, 'gateway.log');
  const file = createWriteStream(log);
  for (const name of ['stdout', 'stderr']) child[name].pipe(file, { end: false });
  const running = { state, child, url: `http://127.0.0.1:${port}`, log: () => readFileSync(log, 'utf8') };
  running.stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await child.ended;
    clearTimeout(timer);
  };
  try {
    await answering(running);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

async function answering({ child, url }) {
  const limit = performance.now() + 300_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the gateway ended:\n${child.output.stderr.slice(-2000)}`);
    if (performance.now() > limit) throw new Error('the gateway does not answer');
    const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } }).catch(
      () => null,
    );
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * A turn through the gateway, by `model` if it is not the agent's own. `content` is text or the parts of a message; the same `session` continues a
 * conversation. Gives `{ status, text, body }`, or `{ status: 'stopped' }` when `limitMs` was over.
 */
export async function turn({ url }, { agent = 'main', model, session, content = 'hi', limitMs = 300_000 }) {
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-openclaw-agent-id': agent,
        ...(model && { 'x-openclaw-model': model }),
        ...(session && { 'x-openclaw-session-key': `agent:${agent}:${session}` }),
      },
      body: JSON.stringify({ model: `openclaw/${agent}`, messages: [{ role: 'user', content }] }),
      signal: AbortSignal.timeout(limitMs),
    });
    const body = await response.json();
    return { status: response.status, text: body.choices?.[0]?.message?.content, body };
  } catch (error) {
    if (error.name !== 'TimeoutError') throw error;
    return { status: 'stopped' };
  }
}

/** Calls a method of the gateway; needs the bundled plugin `admin-http-rpc`. Throws with what it says. */
export async function call({ url }, method, params) {
  const response = await fetch(`${url}/api/v1/admin/rpc`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ method, params }),
  });
  const body = await response.json().catch(() => ({ error: { message: `status ${response.status}` } }));
  if (!body.ok) throw new Error(`${method}: ${JSON.stringify(body.error)}`);
  return body.payload;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
