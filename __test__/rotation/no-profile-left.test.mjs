// How a run ends when no profile is left: which one is free next, or that the request is at fault.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AgentDir, freeze, HOUR, MINUTE, storeOf, T0 } from '../support/agent-dir.mjs';
import { accounts, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

suite('no profile left', () => {
  test('names who is free next and when', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b'], {
      usageStats: {
        a: { cooldownUntil: T0 + HOUR, lastFailureAt: T0 },
        b: { cooldownUntil: T0 + 7_000, lastFailureAt: T0 },
      },
    });
    const { answer, asked, events } = run(dir, {});
    const error = await errorOf(answer);
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual([error.nextProfileId, error.freeAt], ['b', T0 + 7_000]);
    assert.ok(error.retryAfterMs >= 7_000 && error.retryAfterMs <= 7_701, `${error.retryAfterMs}`);
    assert.deepEqual([asked, error.attempts, error.failure], [[], [], null]);
    assert.deepEqual(
      events.map(({ type, profileId, until }) => [type, profileId, until]),
      [
        ['skipped', 'a', T0 + HOUR],
        ['skipped', 'b', T0 + 7_000],
        ['unavailable', 'b', T0 + 7_000],
      ],
    );
  });

  test('carries what the last one threw', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const last = rateLimited(30);
    const error = await errorOf(run(dir, { a: rateLimited(60), b: last }).answer);
    assert.equal(error.cause, last);
    assert.deepEqual([error.attempts.length, error.failure.retryAfterMs, error.nextProfileId], [2, 30_000, 'b']);
  });

  test('waiting does not help without a credential, or without a profile', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: { type: 'oauth', provider: PROVIDER } }));
    const error = await errorOf(run(dir, {}).answer);
    assert.deepEqual([error.nextProfileId, error.freeAt, error.retryAfterMs], [null, null, null]);
    const none = await errorOf(run(dir, {}, { provider: 'other' }).answer);
    assert.match(none.message, /there is no other profile/);
  });

  test('asks no more than maxAttempts', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c']);
    const { answer, asked } = run(dir, { else: rateLimited }, { maxAttempts: 2 });
    assert.equal((await errorOf(answer)).code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.equal(asked.length, 2);
  });

  test('nobody who answered is asked twice, even if nothing cools', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const rules = [{ when: { text: 'nothing came' }, then: { class: 'empty' } }];
    const { answer, asked } = run(dir, { else: () => new Error('nothing came') }, { rules });
    assert.equal((await errorOf(answer)).code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual(asked, ['a', 'b']);
  });
});

suite('the request at fault', () => {
  const three = ['a', 'b', 'c'];
  const bare = () => Object.assign(new Error('Too many requests'), { status: 429, body: '{}' });

  test('everybody refuses it in the same way: the accounts are free again, and it is not sent again', async (t) => {
    freeze(t);
    const dir = accounts(t, three);
    const first = run(dir, { else: bare }, { requestKey: 'r' });
    assert.equal((await errorOf(first.answer)).code, 'ERR_REQUEST_REFUSED');
    assert.equal(first.asked.length, 3);
    for (const name of three) assert.equal(dir.stats(name)?.cooldownUntil, undefined);
    const again = run(dir, { else: 'ok' }, { requestKey: 'r' });
    const error = await errorOf(again.answer);
    assert.deepEqual([error.code, error.retryAfterMs, again.asked.length], ['ERR_REQUEST_REFUSED', MINUTE, 0]);
    assert.equal((await run(dir, { else: 'ok' }, { requestKey: 'other' }).answer).result, 'ok');
  });

  test('if another request meets the same, it is the accounts', async (t) => {
    freeze(t);
    const dir = accounts(t, three);
    await errorOf(run(dir, { else: bare }).answer);
    const error = await errorOf(run(dir, { else: bare }).answer);
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    for (const name of three) assert.ok(dir.stats(name).cooldownUntil > T0);
  });

  test('one that answers shows that it is the others', async (t) => {
    freeze(t);
    const dir = accounts(t, [...three, 'd']);
    assert.equal((await run(dir, { else: bare, d: 'ok' }).answer).result, 'ok');
    for (const name of three) assert.ok(dir.stats(name).cooldownUntil > T0);
  });

  test('a wait that the server states is about the account', async (t) => {
    freeze(t);
    const dir = accounts(t, three);
    const error = await errorOf(run(dir, { else: () => rateLimited() }).answer);
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
  });
});
