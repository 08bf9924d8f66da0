// Several processes, one login: it is renewed once each time it ends, and no refresh token is ever spent twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { upsertAuthProfile } from '../../index.js';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { idOf, logins } from '../support/logins.mjs';
import { times } from '../support/soak.mjs';

const past = () => Date.now() - 1_000;

async function askers(t, count, { server, params }, more = () => ({})) {
  const { tokenUrl, apiUrl } = server;
  const argument = (index) => ({ agentDir: params.agentDir, tokenUrl, apiUrl, ...more(index) });
  const all = Array.from({ length: count }, (_, index) => start(t, 'login-asker.mjs', argument(index)));
  await Promise.all(all.map((asker) => asker.next()));
  return {
    all,
    /** What the requests of all of them came to. */
    async ask(message) {
      for (const asker of all) asker.send(message);
      return (await Promise.all(all.map((asker) => asker.next()))).flat();
    },
  };
}

/** The login ends now: for the store, and for the API. */
async function end({ server, params, stored }, name) {
  const login = stored(name);
  server.refuse(login.access);
  const credential = { ...login, expires: past() };
  await upsertAuthProfile({ agentDir: params.agentDir, profileId: idOf(name), credential });
}

const resultsOf = (outcomes) => [...new Set(outcomes.map(({ result, code }) => result ?? code))];

const ROUNDS = times(4, 1_000);

test(`8 processes x 10 requests, ${ROUNDS} times at its end: one refresh each time, and no token is spent twice`, async (t) => {
  const setting = await logins(t, { a: {} });
  const { server } = setting;
  const { ask } = await askers(t, 8, setting);
  for (let round = 1; round <= ROUNDS; round++) {
    await end(setting, 'a');
    const outcomes = await ask({ requests: 10 });
    assert.deepEqual([outcomes.length, resultsOf(outcomes)], [80, ['a']], `round ${round}`);
    assert.deepEqual([server.count('renewed'), server.count('reused')], [round, 0], `round ${round}`);
  }
  assert.equal(server.isRevoked('a'), false);
});

test('8 processes that meet a 401 together renew it once', async (t) => {
  const setting = await logins(t, { a: {} });
  const { server, stored } = setting;
  const { ask } = await askers(t, 8, setting);
  server.refuse(stored('a').access);
  assert.deepEqual(resultsOf(await ask({ requests: 10 })), ['a']);
  assert.deepEqual([server.count('renewed'), server.count('reused')], [1, 0]);
});

test('sub-agents renew what they inherit where it lives, once', async (t) => {
  const setting = await logins(t, { a: { expires: past() } });
  const { server, dir, stored } = setting;
  const subs = Array.from({ length: 4 }, () => new AgentDir(t, storeOf({})));
  const before = subs.map((sub) => sub.text());
  const more = (index) => ({ agentDir: subs[index].path, mainDir: dir.path });
  const { ask } = await askers(t, 4, setting, more);
  assert.deepEqual(resultsOf(await ask({ requests: 5 })), ['a']);
  assert.deepEqual([server.count('renewed'), server.count('reused')], [1, 0]);
  assert.ok(server.isCurrent(stored('a').refresh));
  assert.deepEqual(
    subs.map((sub) => sub.text()),
    before,
  );
});

test('a sub-agent’s copy of the login is renewed with the main agent’s, and one that was left behind follows it', async (t) => {
  const setting = await logins(t, { a: { expires: past() } });
  const { server, dir, stored } = setting;
  const [one, two] = [0, 1].map(() => new AgentDir(t, storeOf(dir.json().profiles)));
  const more = (index) => ({ agentDir: [one, two][index].path, mainDir: dir.path });
  const { all } = await askers(t, 2, setting, more);
  for (const asker of all) {
    asker.send({ requests: 3 });
    assert.deepEqual(resultsOf(await asker.next()), ['a']);
  }
  assert.deepEqual([server.count('renewed'), server.count('reused')], [1, 0]);
  const id = idOf('a');
  const refreshOf = (agent) => agent.json().profiles[id].refresh;
  assert.deepEqual([refreshOf(one), refreshOf(two)], [stored('a').refresh, stored('a').refresh]);
});

test('clocks that differ by five minutes both ways cost a refresh, and never a login', async (t) => {
  const setting = await logins(t, { a: { expires: past() } }, { lifetimeMs: 600_000 });
  const { server } = setting;
  const skews = [-300_000, 0, 300_000];
  const { all } = await askers(t, 3, setting, (index) => ({ skewMs: skews[index] }));
  for (let round = 0; round < 2; round++) {
    for (const asker of all) {
      asker.send({ requests: 3 });
      const outcomes = await asker.next();
      assert.deepEqual(resultsOf(outcomes), ['a'], JSON.stringify({ round, outcomes }));
    }
    await end(setting, 'a');
  }
  assert.equal(server.count('reused'), 0);
  assert.ok(server.count('renewed') <= 6, `${server.count('renewed')}`);
});

test('while another process renews a login, `rotate` asks another account and `wait` does not', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const setting = await logins(t, { a: { expires: past() }, b: {} }, { beforeAnswer: () => isReleased });
  const { server } = setting;
  const own = [{}, { refreshWait: 'rotate' }, { refreshWait: 'wait' }].map((options) => ({
    options: { ...options, preferredProfile: idOf('a') },
  }));
  const { all } = await askers(t, 3, setting, (index) => own[index]);
  const [holder, rotating, waiting] = all;
  holder.send({ requests: 1 });
  while (server.refreshes.length === 0) await new Promise(setImmediate);
  rotating.send({ requests: 1 });
  assert.deepEqual(resultsOf(await rotating.next()), ['b']);
  waiting.send({ requests: 1 });
  release();
  assert.deepEqual(resultsOf([...(await waiting.next()), ...(await holder.next())]), ['a']);
  assert.equal(server.refreshes.length, 1);
});

test('with `rotate` and nobody else, it is waited for', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const setting = await logins(t, { a: { expires: past() } }, { beforeAnswer: () => isReleased });
  const { all } = await askers(t, 2, setting, (index) => ({ options: index === 1 ? { refreshWait: 'rotate' } : {} }));
  all[0].send({ requests: 1 });
  while (setting.server.refreshes.length === 0) await new Promise(setImmediate);
  all[1].send({ requests: 1 });
  setTimeout(release, 50);
  assert.deepEqual(resultsOf([...(await all[0].next()), ...(await all[1].next())]), ['a']);
  assert.equal(setting.server.refreshes.length, 1);
});

test('a holder that dies before it has spent the token is replaced at once', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const answer = () => isReleased;
  const setting = await logins(t, { a: { expires: past() } }, { answer });
  const { server } = setting;
  const { all } = await askers(t, 2, setting);
  all[0].send({ requests: 1 });
  while (server.refreshes.length === 0) await new Promise(setImmediate);
  all[1].send({ requests: 1 });
  // The token server has not done anything yet, and never will for this request.
  server.state.answer = undefined;
  all[0].kill();
  await all[0].exited;
  const started = performance.now();
  assert.deepEqual(resultsOf(await all[1].next()), ['a']);
  assert.ok(performance.now() - started < 10_000, 'long before a lease would be over');
  release('answered');
});

test('while a refresh takes long, 200 requests on other accounts go on, and the store is free', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const names = ['b', 'c', 'd', 'e'];
  const byName = { a: { expires: past() }, ...Object.fromEntries(names.map((name) => [name, {}])) };
  const setting = await logins(t, byName, { beforeAnswer: () => isReleased });
  const { server, params, dir } = setting;
  const { all } = await askers(t, 2, setting);
  all[0].send({ requests: 1, profileIds: [idOf('a')] });
  while (server.refreshes.length === 0) await new Promise(setImmediate);
  all[1].send({ requests: 50, profileIds: names.map(idOf), atOnce: 20 });
  const outcomes = await all[1].next();
  assert.deepEqual([outcomes.length, resultsOf(outcomes).sort()], [200, names]);
  // They are written, which they could not be if the refresh held the lock.
  assert.ok(names.every((name) => dir.stats(idOf(name)).lastUsed > 0));
  await upsertAuthProfile({ agentDir: params.agentDir, profileId: 'new', credential: server.login('f') });
  release();
  assert.deepEqual(resultsOf(await all[0].next()), ['a']);
  assert.equal(server.refreshes.length, 1);
});
