// What a caller may say beyond the host's own arguments: policy, waits, models, when the request began.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  clearExpiredCooldowns,
  configureAuthProfiles,
  getSoonestCooldownExpiry,
  isProfileInCooldown,
  markAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileSuccess,
  markAuthProfileUsed,
  resolveAuthProfileOrder,
  resolveProfileUnusableUntilForDisplay,
} from '../../index.js';
import { AgentDir, freeze, HOUR, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

function setUp(t) {
  const store = storeOf({ a: oauth('p'), b: oauth('p') });
  const dir = new AgentDir(t, store);
  const clock = freeze(t);
  const params = { store, profileId: 'a', agentDir: dir.path };
  const fail = (extra) => markAuthProfileFailure({ ...params, reason: 'rate_limit', ...extra });
  return { dir, store, params, clock, fail };
}

suite('a wait that the server stated', () => {
  for (const policy of ['compatible', 'safe']) {
    test(`takes the place of the ladder, with its source (${policy})`, async (t) => {
      const { dir, fail } = setUp(t);
      const failure = { class: 'quota', scope: 'account', retryAfterMs: 2 * HOUR, source: 'retry-info' };
      await fail({ policy, failure });
      assert.equal(dir.stats('a').cooldownUntil, T0 + 2 * HOUR);
      assert.deepEqual(dir.stats('a').failover, { source: 'retry-info' });
    });
  }

  test('may be given as retryAfterMs or resetAt', async (t) => {
    const { dir, fail } = setUp(t);
    await fail({ retryAfterMs: 7_000 });
    assert.equal(dir.stats('a').cooldownUntil, T0 + 7_000);
    await fail({ profileId: 'b', resetAt: T0 + 9_000 });
    assert.equal(dir.stats('b').cooldownUntil, T0 + 9_000);
  });

  test('of 0 means now: no cooldown', async (t) => {
    const { dir, store, fail } = setUp(t);
    await fail({ retryAfterMs: 0 });
    assert.equal(isProfileInCooldown(store, 'a'), false);
    assert.equal(dir.stats('a').errorCount, 1);
  });

  test('holds for markAuthProfileCooldown too', async (t) => {
    const { dir, params } = setUp(t);
    await markAuthProfileCooldown({ ...params, retryAfterMs: 7_000 });
    assert.equal(dir.stats('a').cooldownUntil, T0 + 7_000);
  });

  test('may not be negative or no time', async (t) => {
    const { fail } = setUp(t);
    for (const [extra, field] of [
      [{ retryAfterMs: -1 }, 'params.retryAfterMs'],
      [{ resetAt: 'soon' }, 'params.resetAt'],
      [{ failure: {} }, 'params.failure.class'],
      [{ failure: 'quota' }, 'params.failure'],
    ]) {
      await assert.rejects(fail(extra), { code: 'ERR_INVALID_ARGUMENT', field });
    }
  });
});

suite('a failure record decides alone', () => {
  test('its class gives the reason that hosts know', async (t) => {
    const { dir, params } = setUp(t);
    await markAuthProfileFailure({ ...params, failure: { class: 'quota' } });
    assert.deepEqual(dir.stats('a').failureCounts, { rate_limit: 1 });
  });

  test('the caller own abort books nothing', async (t) => {
    const { dir, params } = setUp(t);
    const before = dir.text();
    const result = await markAuthProfileFailure({ ...params, failure: { class: 'aborted' } });
    assert.deepEqual(result, { persisted: false, changed: false, reason: 'nothing-to-book' });
    assert.equal(dir.text(), before);
  });
});

suite('several models', () => {
  test('rest side by side; the host field keeps naming one of them', async (t) => {
    const { dir, store, fail } = setUp(t);
    await fail({ modelId: 'm1', retryAfterMs: HOUR });
    await fail({ modelId: 'm2', retryAfterMs: MINUTE });
    const rests = (model) => isProfileInCooldown(store, 'a', null, model);
    assert.deepEqual([rests('m1'), rests('m2'), rests('m3'), rests(null)], [true, true, false, true]);
    assert.deepEqual([dir.stats('a').cooldownModel, dir.stats('a').cooldownUntil], ['m1', T0 + HOUR]);
    assert.deepEqual(Object.keys(dir.stats('a').failover.models), ['m1', 'm2']);
  });

  test('are told apart by order, expiry and soonest expiry', async (t) => {
    const { store, fail, clock } = setUp(t);
    await fail({ modelId: 'm1', retryAfterMs: HOUR });
    const order = (forModel) => resolveAuthProfileOrder({ store, provider: 'p', forModel });
    assert.deepEqual(
      [order('m1'), order('m2')],
      [
        ['b', 'a'],
        ['a', 'b'],
      ],
    );
    assert.equal(getSoonestCooldownExpiry(store, ['a', 'b'], { forModel: 'm1' }), T0 + HOUR);
    assert.equal(getSoonestCooldownExpiry(store, ['a', 'b'], { forModel: 'm2' }), null);
    clock.now += HOUR;
    assert.equal(clearExpiredCooldowns(store), true);
    assert.deepEqual(store.usageStats.a, { errorCount: 0, lastFailureAt: T0 });
  });
});

suite('a success', () => {
  test('whose request began before the latest failure keeps the cooldown', async (t) => {
    const { dir, params, clock, fail } = setUp(t);
    clock.now = T0 + 5_000;
    await fail();
    clock.now = T0 + 8_000;
    const result = await markAuthProfileUsed({ ...params, startedAt: T0 });
    assert.deepEqual(result, { persisted: true, changed: true, cooldownKept: true });
    assert.equal(dir.stats('a').cooldownUntil, T0 + 5_000 + MINUTE);
    assert.equal(dir.stats('a').lastUsed, T0 + 8_000);
  });

  test('markAuthProfileSuccess is Good and Used in one write, whatever the spelling of the provider', async (t) => {
    const { dir, store, params, fail } = setUp(t);
    await fail();
    const result = await markAuthProfileSuccess({ ...params, provider: 'P' });
    assert.deepEqual(result, { persisted: true, changed: true });
    assert.deepEqual(dir.json().lastGood, { P: 'a' });
    assert.deepEqual(store.lastGood, { P: 'a' });
    assert.deepEqual(store.usageStats.a, { errorCount: 0, lastFailureAt: T0, lastUsed: T0 });
    assert.equal((await markAuthProfileSuccess({ ...params, provider: 'other' })).reason, 'provider-mismatch');
  });
});

suite('the safe policy', () => {
  test('rests 5, 15, then 60 minutes for a used-up quota, in whichever process, until a success', async (t) => {
    const { dir, params, clock } = setUp(t);
    const fail = () =>
      markAuthProfileFailure({ ...params, policy: 'safe', failure: { class: 'quota', scope: 'account' } });
    for (const minutes of [5, 15, 60]) {
      await fail();
      assert.equal(dir.stats('a').cooldownUntil, clock.now + minutes * MINUTE);
      clock.now += minutes * MINUTE;
    }
    assert.deepEqual(dir.stats('a').failover, { quotaSteps: { '*': 3 } });
    await markAuthProfileUsed(params);
    assert.equal(dir.stats('a').failover, undefined);
    await fail();
    assert.equal(dir.stats('a').cooldownUntil, clock.now + 5 * MINUTE);
  });

  test('does not let a generic window creep', async (t) => {
    const { dir, clock, fail } = setUp(t);
    await fail({ policy: 'safe' });
    clock.now += 10_000;
    await fail({ policy: 'safe' });
    assert.equal(dir.stats('a').cooldownUntil, T0 + MINUTE);
    assert.equal(dir.stats('a').errorCount, 2);
  });

  test('counts ten simultaneous failures once', async (t) => {
    const { dir, fail } = setUp(t);
    await Promise.all(Array.from({ length: 10 }, () => fail({ policy: 'safe' })));
    assert.equal(dir.stats('a').errorCount, 1);
  });
});

suite('configureAuthProfiles', () => {
  test('sets the defaults of later marks; a call may differ; without an argument it resets', async (t) => {
    t.after(() => configureAuthProfiles());
    const { dir, fail } = setUp(t);
    configureAuthProfiles({ policy: 'safe', ladder: 'stepped' });
    await fail();
    assert.equal(dir.stats('a').cooldownUntil, T0 + 30_000);
    await fail({ profileId: 'b', ladder: 'classic' });
    assert.equal(dir.stats('b').cooldownUntil, T0 + MINUTE);
    configureAuthProfiles();
    await fail();
    assert.equal(dir.stats('a').cooldownUntil, T0 + 5 * MINUTE);
  });

  test('refuses what it does not know and then changes nothing', async (t) => {
    const { dir, fail } = setUp(t);
    for (const [options, field] of [
      [{ ladder: 'stepped', policy: 'bold' }, 'options.policy'],
      [{ durability: 'none' }, 'options.durability'],
      ['safe', 'options'],
    ]) {
      assert.throws(() => configureAuthProfiles(options), { code: 'ERR_INVALID_ARGUMENT', field });
    }
    await fail();
    assert.equal(dir.stats('a').cooldownUntil, T0 + MINUTE);
  });
});

suite('readers of era C', () => {
  test('resolveProfileUnusableUntilForDisplay gives the later end, even if past, and null without any', (t) => {
    freeze(t);
    const stats = { a: { cooldownUntil: T0 - 9, disabledUntil: T0 - 5 }, b: {} };
    const store = storeOf({}, { usageStats: stats });
    const until = (id) => resolveProfileUnusableUntilForDisplay(store, id);
    assert.deepEqual([until('a'), until('b'), until('c')], [T0 - 5, null, null]);
  });

  test('getSoonestCooldownExpiry gives the smallest of the ends', () => {
    const stats = { a: { cooldownUntil: 50, disabledUntil: 90 }, b: { cooldownUntil: 70 }, c: {} };
    const store = storeOf({}, { usageStats: stats });
    assert.equal(getSoonestCooldownExpiry(store, ['a', 'b', 'c', 'gone']), 70);
    assert.equal(getSoonestCooldownExpiry(store, ['c']), null);
  });

  test('clearExpiredCooldowns drops ended windows one by one, in memory, counters with the last', () => {
    const entry = {
      cooldownUntil: 50,
      disabledUntil: 90,
      disabledReason: 'billing',
      errorCount: 3,
      failureCounts: { billing: 1 },
      lastFailureAt: 5,
    };
    const store = storeOf({}, { usageStats: { a: entry, b: { errorCount: 1 } } });
    assert.equal(clearExpiredCooldowns(store, 49), false);
    assert.equal(clearExpiredCooldowns(store, 50), true);
    assert.deepEqual([entry.cooldownUntil, entry.errorCount], [undefined, 3]);
    assert.equal(clearExpiredCooldowns(store, 90), true);
    assert.deepEqual(store.usageStats, { a: { errorCount: 0, lastFailureAt: 5 }, b: { errorCount: 1 } });
  });
});
