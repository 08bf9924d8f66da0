// What a run gives back, and what its attempts are given.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { suite, test } from 'node:test';
import { runWithAuthProfiles } from '../../index.js';
import { AgentDir, freeze, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { accounts, PROVIDER, rateLimited, run } from '../support/runs.mjs';

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

  test('is asked for in its caller’s own asynchronous context, whoever waits beside it', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c', 'd']);
    const storage = new AsyncLocalStorage();
    let left = 2;
    const mine = (name) => {
      const failsOnce = () => (left-- > 0 ? rateLimited() : storage.getStore());
      return storage.run(name, () => run(dir, { else: failsOnce }).answer);
    };
    const answers = await Promise.all(['one', 'two'].map(mine));
    assert.deepEqual(
      answers.map(({ result }) => result),
      ['one', 'two'],
    );
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
