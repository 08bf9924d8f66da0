// One prompt in pi's real session (0.49.3, as hosts up to 1.29 bundle it) on an account out of quota: how many requests
// the account gets, and when the prompt is over. Each row runs in a process of its own, because the provider is swapped
// as the module loads. The original's row takes most of a minute.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rateLimited, startCodeAssistServer } from '../__test__/support/code-assist-server.mjs';
import { newSession } from '../__test__/support/pi-session.mjs';
import { table } from './support/measure.mjs';

const rows = {
  original: "pi-ai's own provider",
  status: 'ours, default wording',
  quota: "ours, rateLimitText: 'quota'",
};

async function measure(row) {
  const { pi } = row === 'original' ? { pi: await original() } : await swapped(row);
  const server = await startCodeAssistServer({ answer: () => rateLimited({ reason: 'QUOTA_EXHAUSTED' }) });
  const agentDir = mkdtempSync(join(tmpdir(), 'auth-failover-bench-'));
  try {
    const session = await newSession(pi, { agentDir, url: server.url, token: 'account' });
    const began = performance.now();
    await session.prompt('Hello');
    return { requests: server.countFor('account'), ms: performance.now() - began };
  } finally {
    await server.close();
    rmSync(agentDir, { recursive: true });
  }
}

const original = () => import('@mariozechner/pi-coding-agent');

async function swapped(rateLimitText) {
  const found = await import('../__test__/support/swapped-pi.mjs');
  const { settings } = await import('../__test__/support/swapped-provider.mjs');
  settings.rateLimitText = rateLimitText;
  return found;
}

function measureApart(row) {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), row], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`${row}: ${child.stderr}`);
  return JSON.parse(child.stdout);
}

if (process.argv[2]) {
  console.log(JSON.stringify(await measure(process.argv[2])));
  process.exit(0);
}
const measured = Object.entries(rows).map(([row, name]) => [name, measureApart(row)]);
table([
  ['one prompt, account out of quota', 'requests', 'seconds'],
  ...measured.map(([name, { requests, ms }]) => [name, requests, (ms / 1000).toFixed(2)]),
]);
