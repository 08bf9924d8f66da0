// Bad input: a typed error that names the field, and nothing written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  calculateAuthProfileCooldownMs,
  isProfileInCooldown,
  listProfilesForProvider,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileUsed,
  readAuthProfileStore,
  resolveAuthProfileOrder,
} from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';

const store = () => storeOf({ a: oauth() });
const named = (field) => ({ name: 'TypeError', code: 'ERR_INVALID_ARGUMENT', field });

for (const [mark, change, field] of [
  [markAuthProfileUsed, null, 'params'],
  [markAuthProfileUsed, { store: undefined }, 'params.store'],
  [markAuthProfileUsed, { store: 'x' }, 'params.store'],
  [markAuthProfileUsed, { profileId: 7 }, 'params.profileId'],
  [markAuthProfileUsed, { agentDir: 7 }, 'params.agentDir'],
  [markAuthProfileUsed, { strict: 'yes' }, 'params.strict'],
  [markAuthProfileUsed, { lockTimeoutMs: -1 }, 'params.lockTimeoutMs'],
  [markAuthProfileUsed, { lockTimeoutMs: Number.NaN }, 'params.lockTimeoutMs'],
  [markAuthProfileUsed, { lockForm: 'file' }, 'params.lockForm'],
  [markAuthProfileUsed, { durability: 'some' }, 'params.durability'],
  [markAuthProfileGood, {}, 'params.provider'],
  [markAuthProfileFailure, {}, 'params.reason'],
  [markAuthProfileFailure, { reason: '' }, 'params.reason'],
  [markAuthProfileFailure, { reason: 'auth', cfg: 7 }, 'params.cfg'],
  [markAuthProfileFailure, { failure: 'x' }, 'params.failure'],
  [markAuthProfileFailure, { failure: { class: 'x' } }, 'params.failure.class'],
  [markAuthProfileFailure, { failure: {} }, 'params.failure.class'],
  [markAuthProfileFailure, { reason: 'auth', retryAfterMs: -1 }, 'params.retryAfterMs'],
]) {
  test(`${mark.name} rejects and names ${field} (${JSON.stringify(change)})`, async (t) => {
    const dir = new AgentDir(t, store());
    const before = dir.text();
    const params = change && { store: store(), profileId: 'a', agentDir: dir.path, ...change };
    await assert.rejects(mark(params), named(field));
    assert.equal(dir.text(), before);
  });
}

test('null is as good as absent where a field is optional', async (t) => {
  const dir = new AgentDir(t, store());
  const params = {
    store: store(),
    profileId: 'a',
    agentDir: dir.path,
    lockTimeoutMs: null,
    lockForm: null,
    durability: null,
    strict: null,
  };
  assert.equal((await markAuthProfileFailure({ ...params, reason: 'auth', cfg: null })).persisted, true);
});

test('the synchronous readers throw and name the argument', () => {
  assert.throws(() => isProfileInCooldown(null, 'a'), named('store'));
  assert.throws(() => isProfileInCooldown(store(), 7), named('profileId'));
  assert.throws(() => listProfilesForProvider({}, 'p'), named('store.profiles'));
  assert.throws(() => calculateAuthProfileCooldownMs('1'), named('errorCount'));
  assert.throws(() => resolveAuthProfileOrder({ store: store() }), named('params.provider'));
  assert.throws(() => resolveAuthProfileOrder({ store: {}, provider: 'p' }), named('params.store.profiles'));
});

test('readAuthProfileStore rejects a bad directory by name', async () => {
  await assert.rejects(readAuthProfileStore({ agentDir: 7 }), named('params.agentDir'));
});
