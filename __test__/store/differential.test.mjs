// The compatible policy against a model of the host: any history, the same file text and the same passed store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clearAuthProfileCooldown,
  markAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileUsed,
} from '../../index.js';
import { AgentDir, freeze, HOUR, hostText, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { apply } from '../support/era-b-model.mjs';

const marks = {
  used: markAuthProfileUsed,
  good: markAuthProfileGood,
  failure: markAuthProfileFailure,
  cooldown: markAuthProfileCooldown,
  clear: clearAuthProfileCooldown,
};

const hours = fc.oneof(fc.double({ min: 0.001, max: 100, noNaN: true }), fc.constantFrom(0, -1, Number.NaN, undefined));
const step = fc.record({
  kind: fc.constantFrom('used', 'good', 'failure', 'failure', 'failure', 'cooldown', 'clear'),
  profileId: fc.constantFrom('a', 'b', 'gone'),
  provider: fc.constantFrom('p', 'q', 'P'),
  reason: fc.constantFrom('auth', 'format', 'rate_limit', 'billing', 'timeout', 'unknown'),
  cooldowns: fc.option(fc.record({ billingBackoffHours: hours, billingMaxHours: hours, failureWindowHours: hours }), {
    nil: undefined,
  }),
  pause: fc.constantFrom(0, 1, 500, 59_999, 60_000, HOUR, 24 * HOUR, 24 * HOUR + 1),
});

const plain = (store) => JSON.parse(JSON.stringify(store));
const store = () => storeOf({ a: oauth('p'), b: { type: 'api_key', provider: 'q', key: 'k' } });

test('every history leaves what the host would have left, byte for byte', async (t) => {
  const dir = new AgentDir(t);
  const clock = freeze(t);
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
    clock.now = T0;
    const [model, passed] = [store(), store()];
    dir.write(model);
    for (const { pause, cooldowns, ...rest } of steps) {
      clock.now += pause;
      const wouldSave = apply(model, { cooldowns, ...rest }, clock.now);
      const cfg = cooldowns && { auth: { cooldowns } };
      const result = await marks[rest.kind]({ ...rest, store: passed, agentDir: dir.path, cfg });
      assert.equal(result.persisted, wouldSave);
      // The host saves `lastGood` before `usageStats`; here a section stays where it first appeared.
      assert.deepEqual(dir.json(), plain(model));
      assert.equal(dir.text(), hostText(dir.json()));
      if (rest.kind === 'good') assert.deepEqual(passed.lastGood, plain(model).lastGood);
      else assert.deepEqual(passed.usageStats, plain(model).usageStats);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});
