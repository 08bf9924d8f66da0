// Logins renewed by the loop: before they end, and once after a refusal; then the same account is asked.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import {
  createFailover,
  describeAuthProfiles,
  refreshOAuth,
  runWithAuthProfiles,
  settled,
  upsertAuthProfile,
} from '../../entry/main.js';
import { ApiError, ask, idOf, logins, PROVIDER } from '../support/logins.mjs';
import { startTokenServer } from '../support/token-server.mjs';

const soon = () => Date.now() + 20_000;
const past = () => Date.now() - 1_000;

const rejection = (promise) =>
  promise.then(
    () => assert.fail('it was resolved'),
    (error) => error,
  );

const stateOf = async (params) =>
  (await describeAuthProfiles({ agentDir: params.agentDir })).profiles.map(({ state, reason }) => reason ?? state);

suite('before its end', () => {
  test('a login is renewed, saved, and then asked with', async (t) => {
    const { server, params, stored, events, types } = await logins(t, { a: { expires: soon(), email: 'me' } });
    const seen = [];
    const run = (context) => {
      seen.push(context.apiKey, context.credential.access, stored('a').access);
      return ask(server.apiUrl, context);
    };
    const { result } = await runWithAuthProfiles({ ...params, run });
    assert.equal(result, 'a');
    assert.equal(server.refreshes.length, 1);
    const { access, refresh, expires, email } = stored('a');
    assert.deepEqual(seen, [access, access, access]);
    assert.ok(server.isCurrent(refresh) && expires > Date.now() + 3_500_000 && email === 'me');
    assert.deepEqual(types(), ['attempt', 'refreshed', 'succeeded']);
    const { profileId, pid, expires: told } = events[1];
    assert.deepEqual([profileId, pid, told], [idOf('a'), process.pid, expires]);
  });

  test('one that is good for longer is left alone', async (t) => {
    const { server, params } = await logins(t, { a: { expires: Date.now() + 90_000 } });
    await runWithAuthProfiles(params);
    assert.equal(server.refreshes.length, 0);
    await runWithAuthProfiles({ ...params, refreshBeforeMs: 100_000 });
    assert.equal(server.refreshes.length, 1);
  });

  test('what the function gives is merged, and what it is given is the entry', async (t) => {
    const { params, stored } = await logins(t, { a: { expires: past(), accountId: 'x' } });
    const given = [];
    const before = stored('a');
    const refresh = (credential, about) => {
      given.push(credential, about.profileId, about.reason, about.signal.aborted);
      return { access: 'fresh-access-token' };
    };
    await runWithAuthProfiles({ ...params, refresh, run: ({ apiKey }) => apiKey });
    assert.deepEqual(given, [before, idOf('a'), 'expiring', false]);
    const { access, refresh: token, accountId, expires } = stored('a');
    assert.deepEqual([access, token, accountId], ['fresh-access-token', before.refresh, 'x']);
    assert.ok(expires > Date.now() + 3_500_000, 'an hour is assumed');
  });

  test('many requests of one process renew it once', async (t) => {
    const { server, params } = await logins(t, { a: { expires: past() } });
    const runs = Array.from({ length: 20 }, () => runWithAuthProfiles(params));
    assert.deepEqual(new Set((await Promise.all(runs)).map(({ result }) => result)), new Set(['a']));
    assert.deepEqual([server.refreshes.length, server.count('reused')], [1, 0]);
  });

  test('while one renews it, the others use a token that is still good', async (t) => {
    let release;
    const isReleased = new Promise((resolve) => (release = resolve));
    const { server, params } = await logins(t, { a: { expires: soon() } }, { beforeAnswer: () => isReleased });
    const first = runWithAuthProfiles(params);
    while (server.refreshes.length === 0) await new Promise(setImmediate);
    const { result } = await runWithAuthProfiles(params);
    assert.equal(result, 'a');
    release();
    await first;
    assert.equal(server.refreshes.length, 1);
  });

  test('a lifetime that is a lie is not believed again and again', async (t) => {
    for (const says of [() => 0, () => -300, () => 1]) {
      const { server, params } = await logins(t, { a: { expires: past() } }, { says });
      for (let request = 0; request < 3; request++) await runWithAuthProfiles(params);
      assert.equal(server.refreshes.length, 1);
    }
  });
});

suite('after a refusal', () => {
  test('it is renewed once, and the same account is asked again', async (t) => {
    const { server, params, stored, events, types } = await logins(t, { a: {}, b: {} });
    server.refuse(stored('a').access);
    const own = { preferredProfile: idOf('a'), maxAttempts: 1 };
    const { result, attempts, profileId } = await runWithAuthProfiles({ ...params, ...own });
    assert.deepEqual([result, profileId], ['a', idOf('a')]);
    assert.deepEqual(
      attempts.map((it) => [it.profileId, it.attempt, it.failure?.status]),
      [
        [idOf('a'), 1, 401],
        [idOf('a'), 2, undefined],
      ],
    );
    assert.deepEqual(types(), ['attempt', 'failed', 'refreshed', 'attempt', 'succeeded']);
    assert.equal(events.find(({ type }) => type === 'failed').booked, false);
    assert.equal(server.refreshes.length, 1);
    await settled();
    assert.deepEqual(await stateOf(params), ['ready', 'ready']);
  });

  test('somebody else may have renewed it: then nothing is spent', async (t) => {
    const { server, params, stored } = await logins(t, { a: {} });
    const old = stored('a');
    server.refuse(old.access);
    const run = async (context) => {
      if (context.attempt === 1) {
        const renewed = await params.refresh(old);
        await upsertAuthProfile({ agentDir: params.agentDir, profileId: idOf('a'), credential: renewed });
      }
      return ask(server.apiUrl, context);
    };
    assert.equal((await runWithAuthProfiles({ ...params, run })).result, 'a');
    assert.equal(server.refreshes.length, 1);
  });

  test('a new token that is refused too is the account’s fault, and another one is asked', async (t) => {
    const { server, params } = await logins(t, { a: {}, b: {} });
    const run = (context) => {
      if (context.profileId === idOf('a')) throw new ApiError(401, { error: { message: 'invalid token' } });
      return ask(server.apiUrl, context);
    };
    const own = { preferredProfile: idOf('a') };
    const { profileId, attempts } = await runWithAuthProfiles({ ...params, ...own, run });
    assert.equal(profileId, idOf('b'));
    assert.deepEqual(
      attempts.map((it) => it.failure?.class),
      ['auth', 'auth_permanent', undefined],
    );
    assert.equal(server.refreshes.length, 1);
  });

  test('an answer that had begun is not asked for again', async (t) => {
    const { server, params } = await logins(t, { a: {} });
    const run = ({ deliver }) => {
      deliver();
      throw new ApiError(401, {});
    };
    assert.equal((await rejection(runWithAuthProfiles({ ...params, run }))).status, 401);
    assert.equal(server.refreshes.length, 0);
  });

  test('a key is no login: its 401 is what it was', async (t) => {
    const { server, params } = await logins(t, {});
    const credential = { type: 'api_key', provider: PROVIDER, key: 'a-key-of-somebody' };
    await upsertAuthProfile({ agentDir: params.agentDir, profileId: 'k', credential });
    assert.equal((await rejection(runWithAuthProfiles(params))).code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.equal(server.refreshes.length, 0);
  });
});

suite('a refresh that fails', () => {
  test('a login that is over disables the account until a new one, and another account answers', async (t) => {
    const { server, params, stored, dir } = await logins(t, { a: { expires: past() }, b: {} });
    await params.refresh(stored('a'));
    const own = { preferredProfile: idOf('a') };
    const { profileId, attempts } = await runWithAuthProfiles({ ...params, ...own });
    assert.equal(profileId, idOf('b'));
    const [{ failure }] = attempts;
    assert.deepEqual([failure.class, failure.rule], ['auth_permanent', 'refresh-refused']);
    await settled();
    assert.deepEqual(await stateOf(params), ['ready', 'auth_permanent']);
    const spent = server.refreshes.length;
    await runWithAuthProfiles({ ...params, ...own });
    assert.equal(server.refreshes.length, spent, 'it is not tried again');
    const credential = server.login('a');
    await upsertAuthProfile({ agentDir: dir.path, profileId: idOf('a'), credential });
    assert.equal((await runWithAuthProfiles({ ...params, ...own })).result, 'a');
  });

  test('while the token is good, a token server that fails disturbs nobody', async (t) => {
    const answer = (_, response) => {
      response.writeHead(503).end();
      return 'answered';
    };
    const { server, params } = await logins(t, { a: { expires: soon() } }, { answer });
    for (let request = 0; request < 5; request++) assert.equal((await runWithAuthProfiles(params)).result, 'a');
    assert.ok(server.refreshes.length < 5, 'it rests after a failure');
    await settled();
    assert.deepEqual(await stateOf(params), ['ready']);
  });

  test('without a good token another account is asked, and nobody rests', async (t) => {
    const answer = (_, response) => {
      response.destroy();
      return 'answered';
    };
    const { params, events } = await logins(t, { a: { expires: past() }, b: {} }, { answer });
    const { profileId, attempts } = await runWithAuthProfiles({ ...params, preferredProfile: idOf('a') });
    assert.equal(profileId, idOf('b'));
    assert.equal(attempts[0].failure.rule, 'refresh-failed');
    assert.equal(events.find(({ type }) => type === 'failed').booked, false);
    await settled();
    assert.deepEqual(await stateOf(params), ['ready', 'ready']);
  });

  test('if nobody is left, the error says why', async (t) => {
    const answer = (_, response) => {
      response.writeHead(500).end();
      return 'answered';
    };
    const { params } = await logins(t, { a: { expires: past() } }, { answer });
    const error = await rejection(runWithAuthProfiles(params));
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.ok(error.retryAfterMs > 0, 'not at once');
    const { code, needsLogin, profileId } = error.cause;
    assert.deepEqual([code, needsLogin, profileId], ['ERR_REFRESH_FAILED', false, idOf('a')]);
  });

  test('what the function throws is read, and nothing of the login is shown', async (t) => {
    const { params, stored } = await logins(t, { a: { expires: past() } });
    const { refresh: token } = stored('a');
    const refresh = () => {
      const data = { error: 'invalid_grant', error_description: `${token} is over` };
      throw Object.assign(new Error(`Request failed: ${token}`), { status: 400, response: { data } });
    };
    const error = await rejection(runWithAuthProfiles({ ...params, refresh }));
    assert.equal(error.cause.needsLogin, true);
    assert.ok(!`${error.message}${error.cause.message}${JSON.stringify(error.attempts)}`.includes(token));
  });

  test('a function that gives no credential fails for itself, and not for the account', async (t) => {
    for (const refresh of [() => undefined, () => ({}), () => 7, async () => ({ access: '' })]) {
      const { params } = await logins(t, { a: { expires: past() } });
      const error = await rejection(runWithAuthProfiles({ ...params, refresh }));
      assert.match(error.cause.message, /refresh gave/);
      await settled();
      assert.deepEqual(await stateOf(params), ['ready']);
    }
  });
});

suite('a run that ends', () => {
  test('an abort ends it at once, and the refresh is saved all the same', async (t) => {
    let release;
    const isReleased = new Promise((resolve) => (release = resolve));
    const { server, params, stored } = await logins(t, { a: { expires: past() } }, { beforeAnswer: () => isReleased });
    const controller = new AbortController();
    const reason = new Error('enough');
    const run = runWithAuthProfiles({ ...params, signal: controller.signal });
    while (server.refreshes.length === 0) await new Promise(setImmediate);
    controller.abort(reason);
    assert.equal(await rejection(run), reason);
    release();
    await settled();
    assert.ok(server.isCurrent(stored('a').refresh));
    assert.equal((await runWithAuthProfiles(params)).result, 'a');
    assert.equal(server.refreshes.length, 1);
  });
});

suite('what others write meanwhile', () => {
  /** Renews `a` while `meanwhile` runs. */
  async function during(t, meanwhile) {
    let release;
    const isReleased = new Promise((resolve) => (release = resolve));
    const setting = await logins(t, { a: { expires: past() } }, { beforeAnswer: () => isReleased });
    const run = runWithAuthProfiles(setting.params);
    while (setting.server.refreshes.length === 0) await new Promise(setImmediate);
    await meanwhile(setting);
    release();
    return { ...setting, outcome: await run.catch((error) => error) };
  }

  test('a new login stays', async (t) => {
    let login;
    const { outcome, stored } = await during(t, async ({ server, params }) => {
      login = server.login('person');
      await upsertAuthProfile({ agentDir: params.agentDir, profileId: idOf('a'), credential: login });
    });
    assert.equal(outcome.result, 'person');
    assert.equal(stored('a').refresh, login.refresh);
  });

  test('a mark stays', async (t) => {
    const { stored, dir } = await during(t, ({ dir }) => {
      const store = dir.json();
      store.usageStats = { other: { errorCount: 3 } };
      dir.write(store);
    });
    assert.equal(dir.json().usageStats.other.errorCount, 3);
    assert.ok(stored('a').expires > Date.now());
  });

  test('a profile that is removed stays removed', async (t) => {
    const { outcome, dir } = await during(t, ({ dir }) => dir.write({ version: 1, profiles: {} }));
    assert.equal(outcome.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual(dir.json().profiles, {});
  });
});

suite('the handle', () => {
  test('fetch renews a login and sends the new token', async (t) => {
    const { server, params } = await logins(t, { a: { expires: past() } });
    const { refresh, agentDir } = params;
    const accounts = createFailover({ provider: PROVIDER, agentDir, refresh });
    const response = await accounts.fetch(server.apiUrl, { headers: { authorization: 'Bearer unused' } });
    assert.deepEqual(await response.json(), { family: 'a' });
  });

  test('fetch renews it after a 401, and asks again', async (t) => {
    const { server, params, stored } = await logins(t, { a: {} });
    server.refuse(stored('a').access);
    const { refresh, agentDir } = params;
    const accounts = createFailover({ provider: PROVIDER, agentDir, refresh });
    const response = await accounts.fetch(server.apiUrl, { headers: { authorization: 'Bearer unused' } });
    assert.equal(response.status, 200);
    assert.equal(server.refreshes.length, 1);
  });

  test('a lease that failed for an old token is followed by one with a new token', async (t) => {
    const { server, params, stored } = await logins(t, { a: {} });
    server.refuse(stored('a').access);
    const { refresh, agentDir } = params;
    const accounts = createFailover({ provider: PROVIDER, agentDir, refresh });
    const first = await accounts.lease();
    const error = await rejection(ask(server.apiUrl, first));
    assert.equal((await first.fail(error)).status, 401);
    const second = await first.next();
    assert.deepEqual([second.profileId, second.attempt], [idOf('a'), 2]);
    assert.equal(await ask(server.apiUrl, second), 'a');
    second.succeed();
  });

  test('a login that is given in line is renewed in memory', async (t) => {
    const server = await startTokenServer(t);
    const credential = server.login('a', { expires: past() });
    const kept = [];
    const renew = refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' });
    const accounts = createFailover({
      provider: PROVIDER,
      profiles: [{ id: 'mine', credential }],
      state: 'memory',
      refresh: async (login, about) => {
        const renewed = await renew(login, about);
        kept.push(renewed);
        return renewed;
      },
    });
    const run = (context) => ask(server.apiUrl, context);
    for (let request = 0; request < 3; request++) assert.equal((await accounts.run(run)).result, 'a');
    assert.equal(server.refreshes.length, 1);
    assert.ok(server.isCurrent(kept[0].refresh));
  });

  test('options that cannot be used are refused by name', () => {
    const good = { provider: PROVIDER, profiles: ['a-key-of-somebody'] };
    for (const [field, options] of [
      ['refresh', { refresh: 'https://login.example' }],
      ['refreshBeforeMs', { refreshBeforeMs: -1 }],
      ['refreshWait', { refreshWait: 'soon' }],
    ]) {
      const expected = { code: 'ERR_INVALID_ARGUMENT', field: `options.${field}` };
      assert.throws(() => createFailover({ ...good, ...options }), expected);
    }
  });
});
