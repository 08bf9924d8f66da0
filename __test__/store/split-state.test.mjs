// Hosts from 2026.4.9 to 2026.6.1 keep usage and orders in auth-state.json beside the store.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  configureAuthProfiles,
  describeAuthProfiles,
  markAuthProfileFailure,
  markAuthProfileGood,
  readAuthProfileStore,
  removeAuthProfile,
  setAuthProfileOrder,
} from '../../index.js';
import { AgentDir, freeze, HOUR, hostText, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

function setUp(t, state = { version: 1, usageStats: { a: { lastUsed: 1 } } }) {
  freeze(t);
  const store = storeOf({ a: oauth('p'), b: oauth('p') });
  const dir = new AgentDir(t, store);
  const stateFile = join(dir.path, 'auth-state.json');
  writeFileSync(stateFile, typeof state === 'string' ? state : hostText(state), { mode: 0o600 });
  const params = { store, profileId: 'a', agentDir: dir.path, reason: 'auth', provider: 'p' };
  return { dir, store, stateFile, params, state: () => JSON.parse(readFileSync(stateFile, 'utf8')) };
}

test('marks and orders are written there, and the store stays as it is', async (t) => {
  const { dir, store, stateFile, params, state } = setUp(t);
  const before = statSync(dir.file).ino;
  await markAuthProfileFailure(params);
  await markAuthProfileGood(params);
  await setAuthProfileOrder({ ...params, order: ['b', 'a'] });
  assert.equal(statSync(dir.file).ino, before);
  assert.equal(state().usageStats.a.cooldownUntil, T0 + MINUTE);
  assert.deepEqual(state().lastGood, { p: 'a' });
  assert.deepEqual(state().order, { p: ['b', 'a'] });
  assert.equal(readFileSync(stateFile, 'utf8'), hostText(state()));
  assert.deepEqual(store.usageStats, state().usageStats);
  if (process.platform !== 'win32') assert.equal((statSync(stateFile).mode & 0o777).toString(8), '600');
});

test('its entries win over those left in the store, which count where it has none', async (t) => {
  const { dir, params } = setUp(t);
  dir.write(storeOf(params.store.profiles, { usageStats: { a: { lastUsed: 9 }, b: { cooldownUntil: T0 + HOUR } } }));
  const { usageStats } = await readAuthProfileStore({ agentDir: dir.path });
  assert.deepEqual(usageStats, { b: { cooldownUntil: T0 + HOUR }, a: { lastUsed: 1 } });
  const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual(
    profiles.map((profile) => profile.state),
    ['ready', 'cooling'],
  );
});

test('a removed profile goes from both', async (t) => {
  const { dir, params, state } = setUp(t);
  dir.write(storeOf(params.store.profiles, { usageStats: { a: { lastUsed: 9 } } }));
  await removeAuthProfile(params);
  assert.deepEqual(state().usageStats, {});
  assert.deepEqual([Object.keys(dir.json().profiles), dir.json().usageStats], [['b'], {}]);
});

test('one that does not parse is left untouched, and the mark holds in this process', async (t) => {
  const { dir, store, stateFile, params } = setUp(t, '{"usageStats":');
  const before = dir.text();
  const result = await markAuthProfileFailure(params);
  assert.deepEqual([result.persisted, result.reason], [false, 'unreadable']);
  assert.equal(readFileSync(stateFile, 'utf8'), '{"usageStats":');
  assert.equal(dir.text(), before);
  assert.equal(store.usageStats.a.errorCount, 1);
});

test('is not made where there is none, and is ignored on request', async (t) => {
  const { dir, stateFile, params, state } = setUp(t);
  await markAuthProfileFailure({ ...params, stateFile: 'ignore' });
  assert.deepEqual(state().usageStats, { a: { lastUsed: 1 } });
  assert.equal(dir.stats('a').errorCount, 1);
  t.after(() => configureAuthProfiles());
  configureAuthProfiles({ stateFile: 'ignore' });
  assert.equal((await readAuthProfileStore({ agentDir: dir.path })).usageStats.a.errorCount, 1);

  const other = new AgentDir(t, storeOf({ a: oauth('p') }));
  configureAuthProfiles();
  await markAuthProfileFailure({ ...params, agentDir: other.path });
  assert.equal(existsSync(stateFile.replace(dir.path, other.path)), false);
});
