// AUTH_FAILOVER_LOG=debug traces steps to standard error, and nothing else does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { accounts } from '../support/runs.mjs';

const program = fileURLToPath(new URL('../support/traced-run.mjs', import.meta.url));
const entry = /^auth-failover \d{4}-\d\d-\d\dT\S+Z \d+ (lock|choose|book|request) /;

function traced(t, level) {
  const dir = accounts(t, ['a', 'b']);
  const env = { ...process.env, AUTH_FAILOVER_LOG: level };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, dir.path], { env, encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, 'b\n'], stderr);
  return stderr;
}

test('each step is a line with its time and process, in order', (t) => {
  const lines = traced(t, 'debug').trimEnd().split('\n');
  for (const line of lines) assert.match(line, entry);
  const steps = lines.map((line) => entry.exec(line)[1]);
  for (const step of ['choose', 'lock', 'book', 'request']) assert.ok(steps.includes(step), step);
});

test('no line holds a credential or a text of a request or a response', (t) => {
  const text = traced(t, 'debug');
  for (const secret of ['access-a', 'access-b', 'a-question', 'a-refusal']) assert.ok(!text.includes(secret), secret);
});

test('without it nothing is written', (t) => {
  for (const level of ['', 'off']) assert.equal(traced(t, level), '');
});
