// Edits by hand: order, upsert, remove.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import lockfile from 'proper-lockfile';
import {
  describeAuthProfiles,
  markAuthProfileFailure,
  readAuthProfileStore,
  removeAuthProfile,
  runWithAuthProfiles,
  setAuthProfileOrder,
  settled,
  upsertAuthProfile,
} from '../../index.js';
import { AgentDir, hostText, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { HOST_LOCK_OPTIONS } from '../support/host-lock.mjs';

const P = 'google-gemini-cli';

suite('setAuthProfileOrder', () => {
  test('writes a clean list under the normalized provider and resolves with the store', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth(), b: oauth() }));
    const store = await setAuthProfileOrder({
      agentDir: dir.path,
      provider: ' Google-Gemini-CLI',
      order: [' b', '', 'a', 'b'],
    });
    assert.deepEqual(dir.json().order, { [P]: ['b', 'a'] });
    assert.deepEqual(store, await readAuthProfileStore({ agentDir: dir.path }));
    assert.equal(dir.text(), hostText(dir.json()));
  });

  test('null or an empty list goes back to automatic; without an order nothing is written', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }, { order: { [P]: ['a'] } }));
    await setAuthProfileOrder({ agentDir: dir.path, provider: P, order: null });
    assert.equal(dir.json().order, undefined);
    const before = statSync(dir.file).ino;
    await setAuthProfileOrder({ agentDir: dir.path, provider: P, order: [] });
    assert.equal(statSync(dir.file).ino, before);
  });

  test('resolves with null when the lock stays taken, rejects with strict', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }));
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    const params = { agentDir: dir.path, provider: P, order: ['a'], lockTimeoutMs: 30 };
    assert.equal(await setAuthProfileOrder(params), null);
    await assert.rejects(setAuthProfileOrder({ ...params, strict: true }), { code: 'ERR_LOCK_TIMEOUT' });
    await release();
  });

  test('names a bad order', async () => {
    await assert.rejects(setAuthProfileOrder({ provider: P, order: 'a' }), { field: 'params.order' });
  });
});

suite('upsertAuthProfile', () => {
  const refused = async (dir, reason, policy) => {
    const store = dir.json();
    await markAuthProfileFailure({ store, profileId: 'a', agentDir: dir.path, reason, policy });
    return (await describeAuthProfiles({ agentDir: dir.path })).profiles[0].state;
  };
  const signIn = async (dir, extra) => {
    await upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: oauth(P, extra) });
    return (await describeAuthProfiles({ agentDir: dir.path })).profiles[0].state;
  };

  for (const [reason, policy] of [
    ['auth', 'safe'],
    ['auth', 'compatible'],
    ['auth_permanent', 'safe'],
  ]) {
    test(`a new login frees the account at once from ${reason} (${policy})`, async (t) => {
      const dir = new AgentDir(t, storeOf({ a: oauth() }));
      assert.notEqual(await refused(dir, reason, policy), 'ready');
      assert.equal(await signIn(dir, { refresh: 'another' }), 'ready');
    });
  }

  test('so does a login that the host writes itself, or any other program', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }));
    assert.equal(await refused(dir, 'auth_permanent', 'safe'), 'disabled');
    const store = dir.json();
    assert.match(store.usageStats.a.failover.refused, /^[0-9a-f]{8}$/);
    dir.write({ ...store, profiles: { a: oauth(P, { refresh: 'another' }) } });
    assert.equal((await describeAuthProfiles({ agentDir: dir.path })).profiles[0].state, 'ready');
    const { profileId } = await runWithAuthProfiles({ provider: P, agentDir: dir.path, run: () => 'ok' });
    await settled();
    assert.equal(profileId, 'a');
    assert.equal(dir.stats('a').disabledUntil, undefined);
  });

  test('a new login buys no credits, and other fields are no new login', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }));
    await refused(dir, 'billing');
    assert.equal(await signIn(dir, { refresh: 'another' }), 'disabled');
    const other = new AgentDir(t, storeOf({ a: oauth() }));
    await refused(other, 'auth');
    assert.equal(await signIn(other, { email: 'me@example.com' }), 'cooling');
  });

  test('adds a profile exactly as the host would write it', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }));
    const credential = { type: 'api_key', provider: P, key: 'é"\\', expires: T0, nested: { deep: [1.5, null, []] } };
    assert.deepEqual(await upsertAuthProfile({ agentDir: dir.path, profileId: 'b', credential }), { changed: true });
    assert.equal(dir.text(), hostText(storeOf({ a: oauth(), b: credential })));
  });

  test('replaces a profile and leaves everything else byte for byte', async (t) => {
    const dir = new AgentDir(t, `{"future":1.0,"profiles":{"a": {"type":"oauth"} ,"b":{"type":"local","x":1e3}}}`);
    await upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: { type: 'oauth', provider: P } });
    const written = dir.text();
    assert.ok(written.startsWith('{"future":1.0,"profiles":{"a": {'));
    assert.ok(written.endsWith('} ,"b":{"type":"local","x":1e3}}}'));
    assert.deepEqual(dir.json().profiles.a, { type: 'oauth', provider: P });
  });

  test('the same credential again writes nothing', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }));
    const before = statSync(dir.file).ino;
    const result = await upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: oauth() });
    assert.deepEqual(result, { changed: false, reason: 'nothing-to-change' });
    assert.equal(statSync(dir.file).ino, before);
  });

  test('makes the store and its directory, for its owner only', async (t) => {
    const dir = new AgentDir(t);
    const agentDir = join(dir.path, 'agents', 'x');
    await upsertAuthProfile({ agentDir, profileId: 'a', credential: oauth() });
    const file = join(agentDir, 'auth-profiles.json');
    assert.deepEqual(Object.keys((await readAuthProfileStore({ agentDir })).profiles), ['a']);
    if (process.platform !== 'win32') assert.equal((statSync(file).mode & 0o777).toString(8), '600');
  });

  test('rejects when the credential is not stored, without quoting it', async (t) => {
    const dir = new AgentDir(t, '{"profiles":');
    await assert.rejects(upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: oauth() }), (error) => {
      assert.equal(error.code, 'ERR_STORE_UNREADABLE');
      assert.doesNotMatch(`${error.message}${error.stack}`, /secret/);
      return true;
    });
    assert.equal(dir.text(), '{"profiles":');
  });

  test('names a bad credential and writes nothing', async (t) => {
    const dir = new AgentDir(t);
    const circular = oauth();
    circular.self = circular;
    for (const [change, field] of [
      [{ credential: null }, 'params.credential'],
      [{ credential: { provider: P } }, 'params.credential.type'],
      [{ credential: { type: 'oauth', provider: ' ' } }, 'params.credential.provider'],
      [{ credential: circular }, 'params.credential'],
      [{ profileId: ' ' }, 'params.profileId'],
    ]) {
      const params = { agentDir: dir.path, profileId: 'a', credential: oauth(), ...change };
      await assert.rejects(upsertAuthProfile(params), { code: 'ERR_INVALID_ARGUMENT', field });
    }
    assert.equal(existsSync(dir.file), false);
  });
});

suite('removeAuthProfile', () => {
  test('removes the profile and whatever names it', async (t) => {
    const dir = new AgentDir(
      t,
      storeOf(
        { a: oauth(), b: oauth() },
        { order: { [P]: ['a', 'b'], other: ['a'] }, lastGood: { [P]: 'a' }, usageStats: { a: { lastUsed: 1 }, b: {} } },
      ),
    );
    assert.deepEqual(await removeAuthProfile({ agentDir: dir.path, profileId: 'a' }), { changed: true });
    assert.deepEqual(dir.json(), storeOf({ b: oauth() }, { order: { [P]: ['b'] }, usageStats: { b: {} } }));
    assert.equal(dir.text(), hostText(dir.json()));
  });

  test('says when there is no such profile', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth() }));
    const result = await removeAuthProfile({ agentDir: dir.path, profileId: 'gone' });
    assert.deepEqual(result, { changed: false, reason: 'unknown-profile' });
  });
});
