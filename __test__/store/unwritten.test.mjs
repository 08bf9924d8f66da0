// A mark that could not be written does in the passed store what it would have done in the file.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  clearAuthProfileCooldown,
  markAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileSuccess,
  markAuthProfileUsed,
} from '../../index.js';
import { AgentDir, freeze, HOUR, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

const ID = 'p:a';

const resting = () =>
  storeOf(
    { [ID]: oauth('P-Provider'), 'p:b': oauth('P-Provider') },
    {
      lastGood: { other: 'x' },
      usageStats: {
        [ID]: {
          errorCount: 2,
          cooldownUntil: T0 + HOUR,
          failureCounts: { rate_limit: 2 },
          lastFailureAt: T0 - 1,
          note: 'of another program',
        },
      },
    },
  );

/** What is left in the passed store, and the result, with a file and without. */
async function bothWays(t, mark, params) {
  const [written, kept] = [resting(), resting()];
  const file = new AgentDir(t, resting());
  const none = new AgentDir(t);
  const there = await mark({ ...params, store: written, profileId: ID, agentDir: file.path });
  const gone = await mark({ ...params, store: kept, profileId: ID, agentDir: none.path });
  assert.equal(gone.reason, 'missing');
  return { written, kept, cooldownKept: [there.cooldownKept, gone.cooldownKept] };
}

suite('the passed store says the same, written or not', () => {
  const marks = [
    [markAuthProfileUsed, {}],
    [markAuthProfileUsed, { startedAt: T0 - HOUR }],
    [markAuthProfileGood, { provider: 'P-Provider' }],
    [markAuthProfileGood, { provider: 'p-provider' }],
    [markAuthProfileSuccess, { provider: 'P-Provider' }],
    [markAuthProfileSuccess, { provider: ' p-provider ' }],
    [markAuthProfileSuccess, { provider: 'other' }],
    [markAuthProfileCooldown, { retryAfterMs: 5 }],
    [markAuthProfileFailure, { reason: 'billing' }],
    [markAuthProfileFailure, { reason: 'rate_limit', modelId: 'm', retryAfterMs: 2 * HOUR }],
    [clearAuthProfileCooldown, {}],
  ];
  for (const [mark, params] of marks) {
    test(`${mark.name} ${JSON.stringify(params)}`, async (t) => {
      freeze(t);
      const { written, kept, cooldownKept } = await bothWays(t, mark, params);
      assert.deepEqual(kept, written);
      assert.equal(cooldownKept[1], cooldownKept[0]);
    });
  }
});

test("another provider's success leaves the cooldown in the passed store", async (t) => {
  freeze(t);
  const { kept } = await bothWays(t, markAuthProfileSuccess, { provider: 'other' });
  assert.deepEqual(kept, resting());
});

test('a success is remembered for its provider, however the name is written', async (t) => {
  freeze(t);
  const { kept } = await bothWays(t, markAuthProfileSuccess, { provider: 'p-PROVIDER' });
  assert.deepEqual(kept.lastGood, { other: 'x', 'p-PROVIDER': ID });
});
