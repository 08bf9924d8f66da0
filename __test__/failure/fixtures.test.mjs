// The conformance suite: every response means what its file says.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classifyFailure } from '../../index.js';
import { contradictions, errorFixtures, evidenceOf } from '../support/error-fixtures.mjs';

for (const fixture of errorFixtures) {
  test(`${fixture.name}: ${fixture.what}`, () => {
    const record = classifyFailure(evidenceOf(fixture));
    const wrong = contradictions(fixture, record);
    assert.deepEqual(wrong, [], `${JSON.stringify(record)} should be ${JSON.stringify(fixture.means)}`);
  });
}
