// A worker that ends while it renews a login: its lease ends with it, and the process goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { runWithAuthProfiles, settled } from '../../index.js';
import { logins } from '../support/logins.mjs';

test('its lease ends, and the next run of the process renews the login', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const answer = () => isReleased;
  const { server, params, records } = await logins(t, { a: { expires: Date.now() - 1_000 } }, { answer });
  const { tokenUrl, apiUrl } = server;
  const workerData = { agentDir: params.agentDir, tokenUrl, apiUrl };
  const worker = new Worker(new URL('../support/refreshing-worker.mjs', import.meta.url), { workerData });
  while (server.refreshes.length === 0) await new Promise(setImmediate);
  server.state.answer = undefined;
  await worker.terminate();
  await settled();
  assert.deepEqual(
    records().map(({ is }) => is),
    ['unknown'],
  );
  assert.equal((await runWithAuthProfiles(params)).result, 'a');
  release('answered');
});
