// The demo is the first thing that a new user runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('every prompt is answered past the spent accounts, and piped output is plain', () => {
  const demo = fileURLToPath(new URL('../../examples/demo.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.match(stdout, /6 of 6 prompts answered\./);
  assert.match(stdout, /anna@example\.com .*429 quota +back in 19h 14m 47s \(retry-info\), next account/);
  assert.match(stdout, /no spent account was asked more than (once|2 times)/);
  assert.doesNotMatch(stdout, /\x1b/);
});
