// Options that nobody reads are refused: one that is written otherwise would do nothing, and nobody would notice.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { failoverMiddleware } from '../../entry/ai/index.js';
import { createFailover } from '../../entry/main.js';
import { open, ownDirectory, thrownBy } from '../support/handles.mjs';
import { errorOf } from '../support/runs.mjs';

/** The error is ours, and names the field. */
function refused(error, field, problem) {
  assert.ok(error instanceof TypeError);
  assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', field]);
  assert.match(error.message, problem);
}

suite('an option that is not known', () => {
  const slips = {
    startegy: 'strategy',
    Policy: 'policy',
    baseURL: 'baseUrl',
    max_attempts: 'maxAttempts',
    onevent: 'onEvent',
    sessionkey: 'sessionKey',
    maxReplayByte: 'maxReplayBytes',
    apiKeys: null,
    strict: null,
  };
  for (const [wrong, right] of Object.entries(slips)) {
    test(`${wrong} is refused${right ? `, and ${right} suggested` : ''}`, () => {
      const error = thrownBy(() => open(['key-one'], { [wrong]: undefined }));
      refused(error, `options.${wrong}`, right ? new RegExp(`did you mean ${right}\\?`) : /is not known$/);
    });
  }

  test('of one call is told where it belongs', () => {
    const error = thrownBy(() => open(['key-one'], { signal: AbortSignal.timeout(1) }));
    refused(error, 'options.signal', /of one call: give it to run or lease/);
  });

  test('of a profile is refused, with what was meant', () => {
    const profile = (given) => thrownBy(() => open([{ apiKey: 'secret', ...given }]));
    refused(profile({ baseUrl: 'http://a.example' }), 'options.profiles[0].baseUrl', /did you mean baseURL\?/);
    refused(profile({ header: {} }), 'options.profiles[0].header', /did you mean headers\?/);
    refused(profile({ colour: 'red' }), 'options.profiles[0].colour', /is not known$/);
  });

  test('beside the place of a credential is refused', () => {
    const error = thrownBy(() => open(['key-one'], { credential: { header: 'x-key', heder: 'x' } }));
    refused(error, 'options.credential', /\{ header \}/);
  });

  test('is refused where there is a store, too', () => {
    refused(
      thrownBy(() => createFailover({ provider: 'p', profile: ['a'] })),
      'options.profile',
      /profiles\?/,
    );
  });
});

suite('a parameter that is not known', () => {
  const calls = {
    run: (accounts, given) => accounts.run({ run: () => 1, ...given }),
    lease: (accounts, given) => accounts.lease(given),
    describe: (accounts, given) => accounts.describe(given),
    rest: (accounts, given) => accounts.rest('a', given),
    watch: (accounts, given) => accounts.watch({ onChange: () => {}, ...given }),
    stream: async (accounts, given) => accounts.stream({ run: async function* () {}, ...given }),
    middleware: async (accounts, given) => failoverMiddleware(accounts, () => {}, given),
  };
  const slips = {
    run: ['sesionKey', 'sessionKey'],
    lease: ['modell', 'model'],
    describe: ['models', 'model'],
    rest: ['util', 'until'],
    watch: ['onchange', 'onChange'],
    stream: ['timeoutMS', 'timeoutMs'],
    middleware: ['session_key', 'sessionKey'],
  };
  for (const [name, call] of Object.entries(calls)) {
    test(`of ${name} is refused, with what was meant`, async (t) => {
      ownDirectory(t);
      const [wrong, right] = slips[name];
      const error = await errorOf(call(open([{ id: 'a', apiKey: 'key-one' }]), { [wrong]: 'x' }));
      refused(error, `params.${wrong}`, new RegExp(`did you mean ${right}\\?`));
    });
  }

  test('that is the handle’s own is told where it belongs', async (t) => {
    ownDirectory(t);
    const error = await errorOf(open(['key-one']).run({ run: () => 1, provider: 'other' }));
    refused(error, 'params.provider', /give it to createFailover/);
  });
});

suite('what goes with a key', () => {
  const wrong = {
    'baseURL is an address': [{ baseURL: 'api.example.com/v1' }, 'baseURL'],
    'headers are an object': [{ headers: 'x: y' }, 'headers'],
    'headers have names that can be sent': [{ headers: { 'a b': 'x' } }, 'headers.a b'],
    'headers have texts': [{ headers: { 'x-team': 7 } }, 'headers.x-team'],
    'headers are one line each': [{ headers: { 'x-team': 'a\r\nsecret: b' } }, 'headers.x-team'],
  };
  for (const [rule, [given, field]] of Object.entries(wrong)) {
    test(rule, () => {
      const error = thrownBy(() => open([{ apiKey: 'key-one', ...given }]));
      refused(error, `options.profiles[0].${field}`, /./);
      assert.doesNotMatch(error.message, /secret/);
    });
  }

  test('tells apart accounts with one key: they need an id', async (t) => {
    ownDirectory(t);
    const one = { apiKey: 'shared', baseURL: 'http://one.example' };
    const two = { apiKey: 'shared', baseURL: 'http://two.example' };
    refused(
      thrownBy(() => open([one, two])),
      'options.profiles[1].id',
      /another baseURL/,
    );
    const accounts = open([one, { ...two, id: 'two' }], { state: 'memory' });
    assert.equal((await accounts.describe()).profiles.length, 2);
    assert.equal((await open([one, one]).describe()).profiles.length, 1);
  });
});
