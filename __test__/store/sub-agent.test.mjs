// A sub-agent inherits the main agent's profiles: only usage goes into its own file, and no credential is copied.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clearAuthProfileCooldown,
  isProfileInCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
} from '../../index.js';
import { AgentDir, freeze, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

function setUp(t, usageStats) {
  freeze(t);
  const main = new AgentDir(t, storeOf({ inherited: oauth('p') }, { usageStats }));
  const sub = new AgentDir(t, storeOf({ own: oauth('p') }));
  process.env.OPENCLAW_AGENT_DIR = main.path;
  t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
  const store = storeOf({});
  const params = { store, profileId: 'inherited', agentDir: sub.path, reason: 'auth', provider: 'p' };
  return { main, sub, store, params };
}

test('a mark on an inherited profile writes its usage entry into the sub-agent file and nothing else', async (t) => {
  const { main, sub, params } = setUp(t);
  const before = main.text();
  assert.equal((await markAuthProfileFailure(params)).persisted, true);
  assert.equal((await markAuthProfileGood(params)).persisted, true);
  assert.deepEqual(Object.keys(sub.json().profiles), ['own']);
  assert.equal(sub.stats('inherited').errorCount, 1);
  assert.deepEqual(sub.json().lastGood, { p: 'inherited' });
  assert.equal(main.text(), before);
});

test('it goes on from what the main agent has counted', async (t) => {
  const { sub, params } = setUp(t, { inherited: { errorCount: 2, lastFailureAt: T0 - 1, note: 'kept' } });
  await markAuthProfileFailure(params);
  assert.deepEqual([sub.stats('inherited').errorCount, sub.stats('inherited').note], [3, 'kept']);
  await clearAuthProfileCooldown(params);
  assert.equal(sub.stats('inherited').errorCount, 0);
});

test('the passed store sees the usage of both agents, its own first', async (t) => {
  const { store, params } = setUp(t, { inherited: { errorCount: 9 }, other: { cooldownUntil: T0 + 1 } });
  await markAuthProfileFailure({ ...params, profileId: 'own' });
  assert.deepEqual(Object.keys(store.usageStats).sort(), ['inherited', 'other', 'own']);
  assert.equal(isProfileInCooldown(store, 'other'), true);
});
