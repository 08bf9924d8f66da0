// What each mark does to the file and to the passed store: the effects of clawdbot 2026.1.24 / openclaw 2026.1.29.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  clearAuthProfileCooldown,
  markAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileUsed,
} from '../../index.js';
import { AgentDir, freeze, HOUR, hostText, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

const ID = 'google-gemini-cli:a';
const PROVIDER = 'google-gemini-cli';
const DONE = { persisted: true, changed: true };

function setUp(t, stats, now = T0) {
  const store = storeOf({ [ID]: oauth(), 'google-gemini-cli:b': oauth() });
  if (stats) store.usageStats = { [ID]: stats };
  const dir = new AgentDir(t, store);
  freeze(t, now);
  return { dir, store, params: { store, profileId: ID, agentDir: dir.path } };
}

suite('markAuthProfileUsed', () => {
  test('stamps lastUsed and forgets errors, cooldown and disable, but not lastFailureAt', async (t) => {
    const { dir, params } = setUp(t, {
      lastUsed: 1,
      errorCount: 3,
      cooldownUntil: T0 + HOUR,
      disabledUntil: T0 + HOUR,
      disabledReason: 'billing',
      failureCounts: { billing: 3 },
      lastFailureAt: T0 - 5,
      note: 'of another program',
    });
    assert.deepEqual(await markAuthProfileUsed(params), DONE);
    assert.deepEqual(dir.stats(ID), { lastUsed: T0, errorCount: 0, lastFailureAt: T0 - 5, note: 'of another program' });
  });

  test('makes the entry of a profile that has none', async (t) => {
    const { dir, params } = setUp(t);
    await markAuthProfileUsed(params);
    assert.deepEqual(dir.stats(ID), { lastUsed: T0, errorCount: 0 });
  });
});

suite('markAuthProfileGood', () => {
  test('remembers the profile for its provider, in the file and in the passed store', async (t) => {
    const { dir, store, params } = setUp(t);
    assert.deepEqual(await markAuthProfileGood({ ...params, provider: PROVIDER }), DONE);
    assert.deepEqual(dir.json().lastGood, { [PROVIDER]: ID });
    assert.deepEqual(store.lastGood, { [PROVIDER]: ID });
  });

  test('compares the provider letter by letter', async (t) => {
    const { dir, params } = setUp(t);
    const before = dir.text();
    const result = await markAuthProfileGood({ ...params, provider: 'Google-Gemini-CLI' });
    assert.deepEqual(result, { persisted: false, changed: false, reason: 'provider-mismatch' });
    assert.equal(dir.text(), before);
  });
});

suite('markAuthProfileFailure', () => {
  test('counts by reason and cools 1, 5, 25, then 60 minutes', async (t) => {
    const { dir, params } = setUp(t);
    for (const [index, minutes] of [1, 5, 25, 60, 60].entries()) {
      await markAuthProfileFailure({ ...params, reason: 'rate_limit' });
      assert.deepEqual(dir.stats(ID), {
        errorCount: index + 1,
        failureCounts: { rate_limit: index + 1 },
        lastFailureAt: T0,
        cooldownUntil: T0 + minutes * MINUTE,
      });
    }
  });

  test('billing disables for 5, 10, 20, then 24 hours and leaves the cooldown alone', async (t) => {
    const { dir, params } = setUp(t);
    for (const hours of [5, 10, 20, 24]) {
      await markAuthProfileFailure({ ...params, reason: 'billing' });
      const { disabledUntil, disabledReason, cooldownUntil } = dir.stats(ID);
      assert.deepEqual([disabledUntil, disabledReason, cooldownUntil], [T0 + hours * HOUR, 'billing', undefined]);
    }
  });

  test('takes the billing hours from cfg, a provider own ones first', async (t) => {
    const { dir, params } = setUp(t);
    const cooldowns = {
      billingBackoffHours: 1,
      billingBackoffHoursByProvider: { 'GOOGLE-gemini-cli': 2 },
      billingMaxHours: 3,
    };
    const cfg = { auth: { cooldowns } };
    await markAuthProfileFailure({ ...params, reason: 'billing', cfg });
    assert.equal(dir.stats(ID).disabledUntil, T0 + 2 * HOUR);
    await markAuthProfileFailure({ ...params, reason: 'billing', cfg });
    assert.equal(dir.stats(ID).disabledUntil, T0 + 3 * HOUR);
  });

  test('starts the counters over when the last failure is older than the failure window', async (t) => {
    const old = { errorCount: 3, failureCounts: { timeout: 3 }, lastFailureAt: T0 - 24 * HOUR - 1 };
    const { dir, params } = setUp(t, old);
    await markAuthProfileFailure({ ...params, reason: 'auth' });
    assert.equal(dir.stats(ID).errorCount, 1);
    assert.deepEqual(dir.stats(ID).failureCounts, { auth: 1 });
  });

  test('goes on counting at the very end of the failure window', async (t) => {
    const { dir, params } = setUp(t, {
      errorCount: 2,
      failureCounts: { timeout: 2 },
      lastFailureAt: T0 - 2 * HOUR,
    });
    await markAuthProfileFailure({
      ...params,
      reason: 'auth',
      cfg: { auth: { cooldowns: { failureWindowHours: 2 } } },
    });
    assert.equal(dir.stats(ID).errorCount, 3);
    assert.deepEqual(dir.stats(ID).failureCounts, { timeout: 2, auth: 1 });
  });
});

test('markAuthProfileCooldown books an unknown failure', async (t) => {
  const { dir, params } = setUp(t);
  assert.deepEqual(await markAuthProfileCooldown(params), DONE);
  assert.deepEqual(dir.stats(ID), {
    errorCount: 1,
    failureCounts: { unknown: 1 },
    lastFailureAt: T0,
    cooldownUntil: T0 + MINUTE,
  });
});

suite('clearAuthProfileCooldown', () => {
  test('forgets cooldown, disable and counts; keeps lastUsed and lastFailureAt', async (t) => {
    const { dir, params } = setUp(t, {
      lastUsed: 7,
      errorCount: 3,
      cooldownUntil: T0 + HOUR,
      disabledUntil: T0 + HOUR,
      disabledReason: 'billing',
      failureCounts: { billing: 3 },
      lastFailureAt: T0 - 5,
    });
    assert.deepEqual(await clearAuthProfileCooldown(params), DONE);
    assert.deepEqual(dir.stats(ID), { lastUsed: 7, errorCount: 0, lastFailureAt: T0 - 5 });
  });

  test('does nothing for a profile without an entry', async (t) => {
    const { dir, params } = setUp(t);
    const before = dir.text();
    assert.deepEqual(await clearAuthProfileCooldown(params), {
      persisted: false,
      changed: false,
      reason: 'nothing-to-clear',
    });
    assert.equal(dir.text(), before);
  });

  test('needs the entry only, not the profile', async (t) => {
    const { dir, params } = setUp(t);
    dir.write(storeOf({}, { usageStats: { [ID]: { errorCount: 4 } } }));
    await clearAuthProfileCooldown(params);
    assert.deepEqual(dir.stats(ID), { errorCount: 0 });
  });
});

suite('the passed store', () => {
  test('shows the file afterwards, other processes included, whatever it said before', async (t) => {
    const { dir, store, params } = setUp(t);
    const fresh = { 'google-gemini-cli:b': { errorCount: 1, cooldownUntil: T0 + HOUR } };
    dir.write(storeOf(store.profiles, { usageStats: fresh }));
    store.usageStats = { 'google-gemini-cli:b': { errorCount: 9 } };
    await markAuthProfileUsed(params);
    assert.deepEqual(store.usageStats, { ...fresh, [ID]: { lastUsed: T0, errorCount: 0 } });
  });

  test('is never written to disk', async (t) => {
    const { dir, store, params } = setUp(t);
    store.profiles[ID] = oauth(PROVIDER, { refresh: 'an old token' });
    store.profiles['only:here'] = oauth();
    store.usageStats = { 'only:here': { errorCount: 1 } };
    await markAuthProfileUsed(params);
    assert.equal(dir.json().profiles[ID].refresh, 'refresh-secret');
    assert.deepEqual(Object.keys(dir.json().profiles), [ID, 'google-gemini-cli:b']);
    assert.deepEqual(Object.keys(dir.json().usageStats), [ID]);
  });

  test('gets only usageStats from a usage mark and only lastGood from a good one', async (t) => {
    const { dir, store, params } = setUp(t);
    dir.write(storeOf(store.profiles, { order: { x: ['y'] }, lastGood: { z: 'z' } }));
    await markAuthProfileUsed(params);
    assert.deepEqual(Object.keys(store), ['version', 'profiles', 'usageStats']);
    await markAuthProfileGood({ ...params, provider: PROVIDER });
    assert.deepEqual(store.lastGood, { z: 'z', [PROVIDER]: ID });
    assert.equal(store.order, undefined);
  });
});

test('a profile that is not in the file is not made again', async (t) => {
  const { dir, store, params } = setUp(t);
  dir.write(storeOf({}));
  const before = dir.text();
  for (const mark of [markAuthProfileUsed, markAuthProfileCooldown]) {
    assert.deepEqual(await mark(params), { persisted: false, changed: false, reason: 'unknown-profile' });
  }
  assert.equal(dir.text(), before);
  assert.equal(store.usageStats, undefined);
});

test('a file written by a host comes out exactly as the host would have written it', async (t) => {
  const { dir, params } = setUp(t, { lastUsed: 1, errorCount: 0 });
  await markAuthProfileFailure({ ...params, reason: 'auth' });
  assert.equal(dir.text(), hostText(dir.json()));
});

test('the long-lived store of the original change never takes back what another process booked', async (t) => {
  const { dir, store, params } = setUp(t);
  const minutesOld = structuredClone(store);
  await markAuthProfileFailure({ ...params, profileId: 'google-gemini-cli:b', reason: 'rate_limit' });
  await markAuthProfileUsed({ ...params, store: minutesOld });
  assert.equal(dir.stats('google-gemini-cli:b').cooldownUntil, T0 + MINUTE);
  assert.equal(minutesOld.usageStats['google-gemini-cli:b'].cooldownUntil, T0 + MINUTE);
});
