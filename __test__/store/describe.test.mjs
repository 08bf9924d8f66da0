// Where every profile stands, and why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAuthProfiles, markAuthProfileFailure } from '../../index.js';
import { AgentDir, freeze, HOUR, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

const P = 'google-gemini-cli';

test('tells place, state, end, reason and source of each profile, and who is next', async (t) => {
  freeze(t);
  const dir = new AgentDir(
    t,
    storeOf(
      {
        cooling: oauth(),
        disabled: oauth(),
        ready: oauth(),
        bare: { type: 'oauth', provider: P },
        old: { type: 'token', provider: P, token: 't', expires: 5 },
      },
      {
        lastGood: { [P]: 'ready' },
        usageStats: {
          cooling: {
            cooldownUntil: T0 + HOUR,
            cooldownReason: 'rate_limit',
            errorCount: 2,
            failureCounts: { rate_limit: 2 },
            lastFailureAt: T0 - 5,
            failover: { source: 'retry-info' },
          },
          disabled: { disabledUntil: T0 + 5 * HOUR, disabledReason: 'billing', lastUsed: T0 - HOUR },
        },
      },
    ),
  );
  const { profiles, nextProfileId, nextFreeAt } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual([nextProfileId, nextFreeAt], ['ready', T0]);
  assert.deepEqual(
    profiles.map((p) => [p.profileId, p.position, p.state, p.until, p.reason, p.source, p.problem]),
    [
      ['ready', 0, 'ready', null, null, null, null],
      ['cooling', 1, 'cooling', T0 + HOUR, 'rate_limit', 'retry-info', null],
      ['disabled', 2, 'disabled', T0 + 5 * HOUR, 'billing', null, null],
      ['bare', 3, 'unusable', null, null, null, 'no-credential'],
      ['old', 4, 'unusable', null, null, null, 'expired'],
    ],
  );
  assert.deepEqual(profiles[1], {
    profileId: 'cooling',
    provider: P,
    type: 'oauth',
    position: 1,
    state: 'cooling',
    until: T0 + HOUR,
    remainingMs: HOUR,
    reason: 'rate_limit',
    source: 'retry-info',
    windows: [{ model: null, until: T0 + HOUR, remainingMs: HOUR, reason: 'rate_limit', source: 'retry-info' }],
    problem: null,
    pausedAt: null,
    errorCount: 2,
    failureCounts: { rate_limit: 2 },
    lastUsed: null,
    lastFailureAt: T0 - 5,
    lastGood: false,
    inherited: false,
    impossibleEnd: false,
  });
  assert.doesNotMatch(JSON.stringify(profiles), /secret/);
});

test('says when the first is free if none is ready', async (t) => {
  freeze(t);
  const usageStats = { a: { cooldownUntil: T0 + HOUR }, b: { cooldownUntil: T0 + MINUTE } };
  const dir = new AgentDir(t, storeOf({ a: oauth(), b: oauth() }, { usageStats }));
  const { nextProfileId, nextFreeAt } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual([nextProfileId, nextFreeAt], ['b', T0 + MINUTE]);
});

test('says null if time will not help', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: { type: 'oauth', provider: P } }));
  const { nextProfileId, nextFreeAt } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual([nextProfileId, nextFreeAt], [null, null]);
});

test('judges by model, and shows the windows of other models all the same', async (t) => {
  freeze(t);
  const store = storeOf({ a: oauth() });
  const dir = new AgentDir(t, store);
  await markAuthProfileFailure({
    store,
    profileId: 'a',
    agentDir: dir.path,
    reason: 'rate_limit',
    modelId: 'm1',
    retryAfterMs: HOUR,
  });
  const state = async (model) => (await describeAuthProfiles({ agentDir: dir.path, model })).profiles[0];
  assert.equal((await state('m1')).state, 'cooling');
  assert.equal((await state('m2')).state, 'ready');
  assert.deepEqual(
    (await state('m2')).windows.map((w) => [w.model, w.source]),
    [['m1', 'caller']],
  );
});

test('follows the explicit order and the asked provider', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth(), x: oauth('other'), b: oauth() }, { order: { [P]: ['b', 'a'] } }));
  const ids = async (provider) =>
    (await describeAuthProfiles({ agentDir: dir.path, provider })).profiles.map((p) => p.profileId);
  assert.deepEqual(await ids(' Google-Gemini-CLI'), ['b', 'a']);
  assert.deepEqual(await ids(), ['b', 'a', 'x']);
});

test('a profile that an explicit order leaves out is never next, and says why', async (t) => {
  freeze(t);
  const usageStats = { a: { cooldownUntil: T0 + HOUR } };
  const dir = new AgentDir(t, storeOf({ left: oauth(), a: oauth() }, { order: { [P]: ['a'] }, usageStats }));
  const { profiles, nextProfileId, nextFreeAt } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual([nextProfileId, nextFreeAt], ['a', T0 + HOUR]);
  assert.deepEqual(
    profiles.map((p) => [p.profileId, p.state, p.problem]),
    [
      ['a', 'cooling', null],
      ['left', 'unusable', 'not-in-order'],
    ],
  );
});

test('spellings of one provider share one sequence of places', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('z.ai'), b: oauth('ZAI') }));
  const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual(
    profiles.map((p) => p.position),
    [0, 1],
  );
});

test('does not believe an end that no window can have', async (t) => {
  freeze(t);
  const usageStats = { a: { cooldownUntil: T0 * 2 } };
  const dir = new AgentDir(t, storeOf({ a: oauth() }, { usageStats }));
  const [a] = (await describeAuthProfiles({ agentDir: dir.path })).profiles;
  assert.deepEqual([a.state, a.impossibleEnd], ['ready', true]);
  assert.deepEqual(dir.json().usageStats, usageStats);
});

test('a sub-agent sees what it inherits', async (t) => {
  const main = new AgentDir(t, storeOf({ a: oauth() }));
  const sub = new AgentDir(t, storeOf({}));
  process.env.OPENCLAW_AGENT_DIR = main.path;
  t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
  const { profiles } = await describeAuthProfiles({ agentDir: sub.path });
  assert.deepEqual(
    profiles.map((p) => [p.profileId, p.inherited]),
    [['a', true]],
  );
});

test('rejects as the reader does', async (t) => {
  const dir = new AgentDir(t);
  await assert.rejects(describeAuthProfiles({ agentDir: dir.path }), { code: 'ERR_STORE_MISSING' });
  await assert.rejects(describeAuthProfiles({ now: 'soon' }), { field: 'params.now' });
});
