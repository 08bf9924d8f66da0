// createFailover: accounts that are given in line, and what they are called.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { ask, open, ownDirectory, thrownBy } from '../support/handles.mjs';
import { bareRefusal, errorOf, rateLimited } from '../support/runs.mjs';

const idsOf = async (accounts) => (await accounts.describe()).profiles.map(({ profileId }) => profileId).sort();

suite('accounts in line', () => {
  test('are keys, and one that is limited is passed over', async (t) => {
    ownDirectory(t);
    const accounts = open(['key-one', 'key-two'], { strategy: 'priority' });
    const { asked, answer } = await ask(accounts, { 'key-one': rateLimited(), 'key-two': 'hello' });
    assert.deepEqual(asked, ['key-one', 'key-two']);
    assert.equal(answer.result, 'hello');
    assert.deepEqual((await ask(accounts, {})).asked, ['key-two']);
    await accounts.close();
  });

  test('are called by a short hash that stays with the key wherever it stands', async (t) => {
    ownDirectory(t);
    const ids = await idsOf(open(['key-one', 'key-two']));
    assert.deepEqual(await idsOf(open(['key-two', 'key-one'])), ids);
    for (const id of ids) assert.match(id, /^acme:[a-z2-9]{8}$/);
    assert.equal((await idsOf(open(['key-one', 'key-one']))).length, 1);
  });

  test('are called as they are told', async (t) => {
    ownDirectory(t);
    const accounts = open([
      { id: 'mine', apiKey: 'key-one' },
      { label: 'work', apiKey: 'key-two' },
    ]);
    assert.deepEqual(await idsOf(accounts), ['acme:work', 'mine']);
  });

  test('bring along where they are asked and with which headers', async (t) => {
    ownDirectory(t);
    const headers = { 'openai-organization': 'org-1' };
    const accounts = open([{ apiKey: 'key-one', baseURL: 'http://one.example', headers }]);
    const seen = await accounts.run(({ baseURL, headers }) => ({ baseURL, headers }));
    assert.deepEqual(seen.result, { baseURL: 'http://one.example', headers });
    const lease = await accounts.lease();
    assert.deepEqual([lease.baseURL, lease.headers], ['http://one.example', headers]);
    lease.release();
    assert.equal((await open(['key-two']).run(({ baseURL }) => baseURL)).result, null);
  });

  test('may be whole credentials', async (t) => {
    ownDirectory(t);
    const credential = { type: 'oauth', access: 'token-1', refresh: 'token-2', expires: Date.now() + 60_000 };
    const accounts = open([{ id: 'login', credential }]);
    const { result } = await accounts.run(({ apiKey, credential }) => ({ apiKey, credential }));
    assert.deepEqual(result, { apiKey: 'token-1', credential: { ...credential, provider: 'acme' } });
  });

  test('never show their key in a failure', async (t) => {
    ownDirectory(t);
    const KEY = 'sk-key-number-one';
    const events = [];
    const accounts = open([KEY], { onEvent: (event) => events.push(event) });
    const refusal = Object.assign(new Error(`a key like ${KEY} is not welcome`), { status: 429 });
    const { error } = await ask(accounts, { [KEY]: refusal });
    assert.doesNotMatch(JSON.stringify([events, error.attempts, error.failure, error.message]), /key-number-one/);
  });
});

suite('a key that a function gives', () => {
  test('is asked for before each attempt', async (t) => {
    ownDirectory(t);
    let count = 0;
    const apiKey = async ({ profileId }) => `${profileId}-${++count}`;
    const accounts = open([{ id: 'vault', apiKey }]);
    assert.deepEqual((await ask(accounts, {})).asked, ['vault-1']);
    const lease = await accounts.lease();
    assert.equal(lease.apiKey, 'vault-2');
    lease.release();
  });

  test('that fails rests its account for seconds, and the next one is asked', async (t) => {
    ownDirectory(t);
    const apiKey = () => {
      throw new Error('the vault is closed');
    };
    const accounts = open([{ id: 'vault', apiKey }, 'key-two'], { strategy: 'priority' });
    const { asked, answer } = await ask(accounts, {});
    assert.deepEqual(asked, ['key-two']);
    assert.equal(answer.attempts.length, 2);
  });

  test('needs a name, for nothing else tells the account', () => {
    const { code, field } = thrownBy(() => open(['key-one', { apiKey: () => 'x' }]));
    assert.deepEqual([code, field], ['ERR_INVALID_ARGUMENT', 'options.profiles[1].id']);
  });
});

suite('what cannot be used is refused by name, at once, and without a key', () => {
  const wrong = {
    'options.profiles': [[], 'key-one', 7, {}],
    'options.profiles[0]': [[' '], ['key one'], [7], [null]],
    'options.profiles[0].apiKey': [[{}], [{ apiKey: ' ' }], [{ apiKey: 7 }], [{ apiKey: 'se cret' }]],
    'options.profiles[0].key': [[{ key: 'secret' }]],
    'options.profiles[0].id': [[{ id: ' ', apiKey: 'secret' }], [{ credential: { type: 'api_key', key: 'secret' } }]],
    'options.profiles[1].id': [
      [
        { id: 'a', apiKey: 'secret' },
        { id: 'a', apiKey: 'secret-2' },
      ],
    ],
    'options.profiles[0].credential': [[{ id: 'a', apiKey: 'secret', credential: { type: 'api_key', key: 'secret' } }]],
    'options.profiles[0].credential.type': [[{ id: 'a', credential: { type: 'apikey', key: 'secret' } }]],
    'options.profiles[0].credential.apiKey': [[{ id: 'a', credential: { type: 'api_key', apiKey: 'secret' } }]],
    'options.profiles[0].credential.provider': [
      [{ id: 'a', credential: { type: 'api_key', key: 'secret', provider: 'other' } }],
    ],
    'options.profiles[0].weight': [[{ apiKey: 'secret', weight: 2 }]],
    'options.profiles[0].limits': [[{ apiKey: 'secret', limits: {} }]],
    'options.profiles[0].models': [[{ apiKey: 'secret', models: ['m'] }]],
  };
  for (const [field, all] of Object.entries(wrong)) {
    test(field, () => {
      for (const profiles of all) {
        const error = thrownBy(() => open(profiles));
        assert.ok(error instanceof TypeError);
        assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', field], JSON.stringify(profiles));
        assert.doesNotMatch(error.message, /secret|se cret/);
      }
    });
  }

  const options = {
    'options.provider': { provider: ' ' },
    'options.agentDir': { agentDir: '/tmp' },
    'options.name': { name: '../x' },
    'options.state': { state: 'cloud' },
    'options.timeoutMs': { timeoutMs: -1 },
    'options.policy': { policy: 'bold' },
    'options.strategy': { strategy: 'luck' },
    'options.onEvent': { onEvent: 7 },
  };
  for (const [field, given] of Object.entries(options)) {
    test(field, () => {
      const error = thrownBy(() => open(['key-one'], given));
      assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', field]);
    });
  }
});

suite('a call of a handle', () => {
  test('may say otherwise than the options; what it leaves open says nothing', async (t) => {
    ownDirectory(t);
    const accounts = open(['key-one', 'key-two', 'key-three'], { maxAttempts: 1 });
    const all = { 'key-one': rateLimited(), 'key-two': rateLimited(), 'key-three': rateLimited() };
    assert.equal((await ask(accounts, all, { maxAttempts: undefined })).asked.length, 1);
    assert.equal((await ask(accounts, all, { maxAttempts: 2 })).asked.length, 2);
  });

  test('is heard by both listeners', async (t) => {
    ownDirectory(t);
    const heard = [];
    const accounts = open(['key-one'], { onEvent: ({ type }) => heard.push(`all ${type}`) });
    await accounts.run({ run: () => 'ok', onEvent: ({ type }) => heard.push(`one ${type}`) });
    assert.deepEqual(heard, ['all attempt', 'one attempt', 'all succeeded', 'one succeeded']);
  });

  test('rejects as runWithAuthProfiles does', async (t) => {
    ownDirectory(t);
    const accounts = open(['key-one']);
    assert.equal((await errorOf(accounts.run({}))).field, 'params.run');
    const { error } = await ask(accounts, { 'key-one': bareRefusal() });
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
  });

  test('needs no this', async (t) => {
    ownDirectory(t);
    const { run, close } = open(['key-one']);
    assert.equal((await run(({ apiKey }) => apiKey)).result, 'key-one');
    await close();
  });
});
