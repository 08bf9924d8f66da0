// The conformance suite: every body means what its file says.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classifyFailure } from '../../index.js';
import { errorFixtures, NOW } from '../support/error-fixtures.mjs';

test('the suite has at least sixty bodies, each with its source', () => {
  assert.ok(errorFixtures.length >= 60);
  for (const { name, shape } of errorFixtures) assert.ok(shape, name);
});

for (const { name, what, status, headers, body, model, means } of errorFixtures) {
  test(`${name}: ${what}`, () => {
    assert.deepEqual(classifyFailure({ status, headers, body, model, now: NOW }), means);
  });
}
