// runWithAuthProfiles: one request finds the account that answers, and the books are right afterwards.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runWithAuthProfiles } from '../../index.js';
import { AgentDir, freeze, HOUR, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { accounts, errorMessage, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

suite('an answer', () => {
  test('comes with who gave it and every attempt', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const { answer } = run(dir, { a: rateLimited(), b: 'hello' });
    const { result, profileId, attempts } = await answer;
    assert.deepEqual([result, profileId], ['hello', 'b']);
    assert.deepEqual(
      attempts.map(({ profileId, attempt, failure }) => [profileId, attempt, failure?.class ?? null]),
      [
        ['a', 1, 'rate_limit'],
        ['b', 2, null],
      ],
    );
  });

  test('is booked as used and good in one write', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a']);
    await run(dir, { a: 'hello' }).answer;
    assert.deepEqual(dir.stats('a'), { lastUsed: T0, errorCount: 0 });
    assert.equal(dir.json().lastGood[PROVIDER], 'a');
  });

  test('is the very value that was returned', async (t) => {
    const dir = accounts(t, ['a']);
    const mine = { deep: new Map() };
    assert.equal((await run(dir, { a: mine }).answer).result, mine);
    assert.equal((await run(dir, { a: undefined }).answer).result, undefined);
  });

  test('needs no promise', async (t) => {
    const dir = accounts(t, ['a']);
    const { result } = await runWithAuthProfiles({ provider: PROVIDER, agentDir: dir.path, run: () => 7 });
    assert.equal(result, 7);
  });
});

suite('what an attempt is given', () => {
  const given = async (t, credential, provider) => {
    const dir = new AgentDir(t, storeOf({ mine: credential }));
    let context;
    await runWithAuthProfiles({ provider, agentDir: dir.path, run: (it) => (context = it) });
    return context;
  };

  test('the credential as it stands in the file, and which attempt it is', async (t) => {
    const credential = oauth(PROVIDER, { projectId: 'p', email: 'me@example.com' });
    const context = await given(t, credential, PROVIDER);
    assert.deepEqual(context.credential, credential);
    assert.deepEqual([context.profileId, context.attempt, context.signal.aborted], ['mine', 1, false]);
  });

  test('for Gemini CLI accounts the key is the JSON text of token and project', async (t) => {
    const { apiKey } = await given(t, oauth(PROVIDER, { projectId: 'p' }), PROVIDER);
    assert.deepEqual(JSON.parse(apiKey), { token: 'access-secret', projectId: 'p' });
  });

  for (const [type, credential, expected] of [
    ['an API key', { type: 'api_key', provider: 'anthropic', key: 'k' }, 'k'],
    ['a token', { type: 'token', provider: 'anthropic', token: 't' }, 't'],
    ['an OAuth access token', { type: 'oauth', provider: 'anthropic', access: 'a', refresh: 'r' }, 'a'],
  ]) {
    test(`for others it is ${type}`, async (t) => {
      assert.equal((await given(t, credential, 'anthropic')).apiKey, expected);
    });
  }

  test('the provider is found whatever its case and alias', async (t) => {
    const context = await given(t, { type: 'api_key', provider: 'z.ai', key: 'k' }, ' ZAI ');
    assert.equal(context.profileId, 'mine');
  });
});

suite('a failure', () => {
  test("rests the account for the server's own time and rotates", async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const { answer, asked } = run(dir, { a: rateLimited(3600), b: 'ok' }, { model: 'm' });
    await answer;
    assert.deepEqual(asked, ['a', 'b']);
    const { cooldownModel, failover } = dir.stats('a');
    assert.equal(cooldownModel, 'm');
    // A Retry-After header is a measurement: it needs no other words.
    assert.equal(failover.models.m.until, T0 + 60 * MINUTE);
  });

  test('is known by an assistant message too', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const text = 'Cloud Code Assist API error (429): You have exhausted your capacity. Quota will reset after 12m10s.';
    const { answer, asked } = run(dir, { a: errorMessage(text), b: 'ok' });
    assert.equal((await answer).result, 'ok');
    assert.deepEqual(asked, ['a', 'b']);
    assert.equal(dir.stats('a').cooldownUntil, T0 + 12 * MINUTE + 10_000);
  });

  test("a stream's failure record says more than its text", async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const failure = { class: 'billing', scope: 'account', rotate: true, text: 'no credits', rule: 'status-402' };
    await run(dir, { a: errorMessage('something', { failure }), b: 'ok' }).answer;
    assert.equal(dir.stats('a').disabledReason, 'billing');
  });

  test('without a stated wait cools for about the ladder, so that accounts do not come back in one burst', async (t) => {
    freeze(t);
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
    const dir = accounts(t, names);
    const limited = () => Object.assign(new Error('slow down'), { status: 429, body: '{}' });
    const { answer } = run(dir, { else: limited, p7: 'ok' });
    await answer;
    const ends = names.slice(0, 7).map((name) => dir.stats(name).cooldownUntil - T0);
    for (const end of ends) assert.ok(end >= MINUTE && end <= 1.1 * MINUTE, `${end}`);
    assert.ok(new Set(ends).size > 1, 'all the same');
  });

  test('of a request is passed on as it is, counts, and neither cools nor rotates', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const mine = Object.assign(new Error('bad'), {
      status: 400,
      body: '{"error":{"message":"invalid request format"}}',
    });
    const { answer, asked } = run(dir, { a: mine, b: 'ok' });
    assert.equal(await errorOf(answer), mine);
    assert.deepEqual(asked, ['a']);
    assert.deepEqual(dir.stats('a'), { failureCounts: { format: 1 } });
  });

  test("of the caller's own code is passed on and not booked", async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const before = dir.text();
    const mine = new TypeError('x is not a function');
    const { answer, events } = run(dir, { a: mine });
    assert.equal(await errorOf(answer), mine);
    assert.equal(dir.text(), before);
    assert.deepEqual(
      events.map(({ type, booked }) => [type, booked]),
      [
        ['attempt', undefined],
        ['failed', false],
      ],
    );
  });

  for (const thrown of ['a text', undefined, null, 7, Symbol('s'), () => {}]) {
    test(`that is no error (${typeof thrown}) is passed on as it is`, async (t) => {
      const dir = accounts(t, ['a']);
      const before = dir.text();
      const answer = runWithAuthProfiles({
        provider: PROVIDER,
        agentDir: dir.path,
        run: () => {
          throw thrown;
        },
      });
      assert.equal(await errorOf(answer), thrown);
      assert.equal(dir.text(), before);
    });
  }

  test('that another account does not help with becomes an error if it was returned', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const mine = errorMessage('Cloud Code Assist API error (400): invalid request format');
    const error = await errorOf(run(dir, { a: mine }).answer);
    assert.equal(error.code, 'ERR_ATTEMPT_FAILED');
    assert.equal(error.result, mine);
    assert.deepEqual([error.profileId, error.failure.class], ['a', 'format']);
    assert.match(error.message, /invalid request format/);
  });

  test('after the answer had begun is not asked for again', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const begun = errorMessage('Cloud Code Assist API error (503): overloaded', {
      content: [{ type: 'text', text: 'He' }],
    });
    const { answer, asked } = run(dir, { a: begun, b: 'ok' });
    assert.equal((await errorOf(answer)).code, 'ERR_ATTEMPT_FAILED');
    assert.deepEqual(asked, ['a']);
    const again = run(accounts(t, ['a', 'b']), { a: begun, b: 'ok' }, { replay: 'always' });
    assert.equal((await again.answer).result, 'ok');
  });
});

suite('nobody left', () => {
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

suite('events', () => {
  test('tell every step', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { answer, events } = run(dir, { a: rateLimited(), b: 'ok' });
    await answer;
    assert.deepEqual(
      events.map(({ type, profileId, attempt }) => [type, profileId, attempt]),
      [
        ['attempt', 'a', 1],
        ['failed', 'a', 1],
        ['attempt', 'b', 2],
        ['succeeded', 'b', 2],
      ],
    );
    assert.equal(events[1].booked, true);
    assert.doesNotMatch(JSON.stringify(events), /access-|refresh-secret/);
  });

  test('and errors never show a secret of the account, whatever form it has and wherever the server repeats it', async (t) => {
    const secret = '9f2c4e6a8b0d1f3e';
    const words = `invalid request: ${secret}`;
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: secret, metadata: { model: secret } },
    ];
    const body = JSON.stringify({ error: { message: words, status: secret, code: secret, type: secret, details } });
    const headers = { 'x-request-id': secret, 'x-cloudaicompanion-trace-id': secret };
    const thrown = Object.assign(new Error(words), { status: 400, code: secret, name: secret, headers, body });
    for (const field of ['access', 'refresh']) {
      for (const failure of [
        thrown,
        errorMessage(words),
        errorMessage(words, { failure: { class: 'format', text: words } }),
      ]) {
        const dir = new AgentDir(t, storeOf({ a: oauth(PROVIDER, { [field]: secret }) }));
        const { answer, events } = run(dir, { a: failure });
        const error = await errorOf(answer);
        assert.ok(events.some(({ type }) => type === 'failed'));
        const { message, attempts, failure: last } = error === thrown ? {} : error;
        assert.doesNotMatch(JSON.stringify([events, message, attempts, last]), new RegExp(secret));
        assert.equal(dir.text().split(secret).length, 2);
      }
    }
  });

  test('a listener that throws does not harm the run and is told as a warning', async (t) => {
    const dir = accounts(t, ['a']);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const onEvent = () => {
      throw new Error('mine');
    };
    assert.equal((await run(dir, { a: 'ok' }, { onEvent }).answer).result, 'ok');
    assert.equal((await warned).code, 'WARN_LISTENER_THREW');
  });

  test('a listener whose promise rejects does neither', async (t) => {
    const unhandled = [];
    const listener = (error) => unhandled.push(error);
    process.on('unhandledRejection', listener);
    t.after(() => process.off('unhandledRejection', listener));
    const dir = accounts(t, ['a']);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const onEvent = async () => {
      throw new Error('mine');
    };
    assert.equal((await run(dir, { a: 'ok' }, { onEvent }).answer).result, 'ok');
    assert.equal((await warned).code, 'WARN_LISTENER_THREW');
    await new Promise(setImmediate);
    assert.deepEqual(unhandled, []);
  });
});
