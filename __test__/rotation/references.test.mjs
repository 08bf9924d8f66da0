// Profiles that name their secret by reference, as hosts from 2026.2.26 on store them.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import OpenAI from 'openai';

import { describeAuthProfiles, resolveAuthProfileOrder, runWithAuthProfiles, settled } from '../../index.js';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';
import { errorOf } from '../support/runs.mjs';
import { refusal, provider as serve } from '../support/streaming-provider.mjs';

const keyRef = { source: 'env', provider: 'default', id: 'SOME_KEY' };
const tokenRef = { source: 'file', provider: 'vault', id: '/token' };
const oauthRef = { source: 'keychain', id: 'login' };
const PROFILES = {
  key: { type: 'api_key', provider: 'google-gemini-cli', keyRef },
  token: { type: 'token', provider: 'google-gemini-cli', tokenRef },
  login: { type: 'oauth', provider: 'google-gemini-cli', oauthRef },
};
const provider = 'google-gemini-cli';

test('they can be used, and keep their place in the order', async (t) => {
  const dir = new AgentDir(t, storeOf(PROFILES));
  const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual(
    profiles.map((profile) => [profile.profileId, profile.state]),
    [
      ['login', 'ready'],
      ['token', 'ready'],
      ['key', 'ready'],
    ],
  );
  assert.deepEqual(resolveAuthProfileOrder({ store: dir.json(), provider }), ['login', 'token', 'key']);
});

test('run gets the reference, and no key', async (t) => {
  const dir = new AgentDir(t, storeOf(PROFILES));
  for (const [profileId, profile] of Object.entries(PROFILES)) {
    const run = ({ credential, apiKey }) => ({ credential, apiKey });
    const params = { provider, agentDir: dir.path, preferredProfile: profileId, strategy: 'pinned' };
    const { result } = await runWithAuthProfiles({ ...params, run });
    assert.deepEqual(result, { credential: profile, apiKey: '' });
  }
});

test('a reference of another type, an empty one or none is no credential', async (t) => {
  const dir = new AgentDir(
    t,
    storeOf({
      other: { type: 'oauth', provider, keyRef },
      blank: { type: 'api_key', provider, keyRef: ' ' },
      none: { type: 'token', provider, tokenRef: null },
    }),
  );
  const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual(new Set(profiles.map((profile) => profile.problem)), new Set(['no-credential']));
});

/** Two profiles that name their secret by reference, then one that holds it. */
const SECRETS = {
  first: { type: 'api_key', provider: 'acme', keyRef: { source: 'vault', provider: 'main', id: 'acme/1' } },
  second: { type: 'token', provider: 'acme', tokenRef: 'acme/2' },
  third: { type: 'api_key', provider: 'acme', key: 'key-of-the-third' },
};
const SECRET = 'secret-of-the-vault-0123456789';

function running(t, params, profiles = SECRETS) {
  const dir = new AgentDir(t, storeOf(profiles, { order: { acme: Object.keys(profiles) } }));
  const asked = [];
  const events = [];
  const answer = runWithAuthProfiles({
    provider: 'acme',
    agentDir: dir.path,
    onEvent: (event) => events.push(event),
    ...params,
    run: (context) => {
      asked.push([context.profileId, context.apiKey]);
      return params.run ? params.run(context) : 'ok';
    },
  }).finally(settled);
  return { answer, asked, events, dir };
}

const never = () => new Promise(() => {});
const refusedKey = () => Object.assign(new Error('401'), { status: 401, body: '{"error":{"code":"invalid_api_key"}}' });

suite('resolveSecret', () => {
  test('gets the reference and whose it is, and gives the key', async (t) => {
    const calls = [];
    const resolveSecret = async (...args) => {
      calls.push(args);
      return SECRET;
    };
    const { answer, asked, dir } = running(t, { resolveSecret });
    await answer;
    const [[reference, { signal, ...about }]] = calls;
    assert.deepEqual([reference, about], [SECRETS.first.keyRef, { profileId: 'first', provider: 'acme' }]);
    assert.equal(signal.aborted, false);
    assert.deepEqual(asked, [['first', SECRET]]);
    assert.ok(!dir.text().includes(SECRET));
  });

  test('may answer at once, and is asked once an attempt', async (t) => {
    const asked = [];
    const resolveSecret = (reference) => {
      asked.push(reference);
      return SECRET;
    };
    const run = ({ attempt }) => {
      if (attempt < 3) throw Object.assign(new Error('429'), { status: 429, body: '{}' });
    };
    await running(t, { resolveSecret, run }).answer;
    assert.deepEqual(asked, [SECRETS.first.keyRef, SECRETS.second.tokenRef]);
  });

  test('is not asked for a profile that holds its secret', async (t) => {
    const { answer, asked } = running(t, { resolveSecret: () => assert.fail('asked') }, { third: SECRETS.third });
    await answer;
    assert.deepEqual(asked, [['third', 'key-of-the-third']]);
  });

  test('whose secret a server repeats: it is shown nowhere', async (t) => {
    const run = ({ apiKey }) => {
      throw Object.assign(new Error('400'), { status: 400, body: `{"error":{"message":"not with ${apiKey}"}}` });
    };
    const { answer, events } = running(t, { resolveSecret: () => SECRET, run });
    await errorOf(answer);
    const { failure } = events.find(({ type }) => type === 'failed');
    assert.match(failure.text, /not with \[redacted\]/);
    assert.ok(!JSON.stringify(events).includes(SECRET));
  });

  const broken = new Error('the vault is sealed');
  for (const [name, resolveSecret, problem, cause] of [
    ['throws', () => Promise.reject(broken), 'resolveSecret failed', broken],
    [
      'throws at once',
      () => {
        throw broken;
      },
      'resolveSecret failed',
      broken,
    ],
    ['gives blanks', () => ' ', 'resolveSecret gave no text', undefined],
    ['gives no text', async () => ({ key: 'x' }), 'resolveSecret gave no text', undefined],
  ]) {
    test(`that ${name}: nobody is at fault, so the account rests for seconds and the next one is asked`, async (t) => {
      const { answer, asked, events, dir } = running(t, { resolveSecret });
      const { profileId, attempts } = await answer;
      assert.deepEqual([profileId, asked], ['third', [['third', 'key-of-the-third']]]);
      assert.deepEqual(
        attempts.map(({ failure }) => failure?.rule),
        ['secret-unresolved', 'secret-unresolved', undefined],
      );
      const { cooldownUntil, lastFailureAt, disabledUntil } = dir.stats('first');
      assert.deepEqual([cooldownUntil - lastFailureAt <= 6_000, disabledUntil], [true, undefined]);
      const text = events.find(({ type }) => type === 'failed').failure.text;
      assert.equal(text, `the secret of first is missing: ${problem} (keyRef vault:main:acme/1)`);
      const alone = running(t, { resolveSecret }, { second: SECRETS.second });
      const error = await errorOf(alone.answer);
      assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
      const { code, profileId: whose, reference } = error.cause;
      assert.deepEqual([code, whose, reference], ['ERR_SECRET_UNRESOLVED', 'second', 'tokenRef acme/2']);
      assert.equal(error.cause.cause, cause);
    });
  }

  for (const limit of ['timeoutMs', 'firstByteTimeoutMs']) {
    test(`is bounded by ${limit}: its signal is aborted, and a secret that comes later asks nobody`, async (t) => {
      let late;
      let reason;
      const resolveSecret = (_, { profileId, signal }) => {
        if (profileId !== 'first') return SECRET;
        signal.addEventListener('abort', () => (reason = signal.reason));
        return new Promise((resolve) => (late = resolve));
      };
      const { answer, asked } = running(t, { resolveSecret, [limit]: 30 });
      const { profileId, attempts } = await answer;
      late(SECRET);
      await new Promise(setImmediate);
      assert.deepEqual([profileId, asked], ['second', [['second', SECRET]]]);
      assert.match(attempts[0].failure.text, /resolveSecret took too long/);
      assert.deepEqual([reason.name, reason.limit], ['TimeoutError', limit]);
    });
  }

  test("ends with the caller's abort", async (t) => {
    const controller = new AbortController();
    const mine = new Error('mine');
    const resolveSecret = () => {
      controller.abort(mine);
      return never();
    };
    const { answer, asked, dir } = running(t, { resolveSecret, signal: controller.signal });
    assert.equal(await errorOf(answer), mine);
    assert.deepEqual([asked, dir.stats('first')], [[], undefined]);
  });

  test('that gave a key which the server refuses: that is the account', async (t) => {
    const run = ({ attempt }) => {
      if (attempt === 1) throw refusedKey();
    };
    const { answer } = running(t, { resolveSecret: () => SECRET, run });
    assert.equal((await answer).attempts[0].failure.class, 'auth_permanent');
  });

  test('must be a function', async () => {
    const params = { provider: 'acme', run: () => {}, resolveSecret: 'vault' };
    assert.equal((await errorOf(runWithAuthProfiles(params))).field, 'params.resolveSecret');
  });
});

suite('without resolveSecret', () => {
  test('a request that is sent without a key: the error names the reference, and the account rests for seconds', async (t) => {
    const { url } = await serve(t, { '': refusal(401, { code: 'invalid_api_key' }) });
    const run = ({ apiKey }) => fetch(url, { headers: { authorization: `Bearer ${apiKey}` } });
    const { answer, dir } = running(t, { run }, { first: SECRETS.first });
    const error = await errorOf(answer);
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.equal(error.cause.code, 'ERR_SECRET_UNRESOLVED');
    assert.match(error.cause.message, /pass resolveSecret, or look it up in run \(keyRef vault:main:acme\/1\)/);
    assert.equal(error.cause.cause.status, 401);
    const { cooldownUntil, lastFailureAt, disabledUntil } = dir.stats('first');
    assert.deepEqual([cooldownUntil - lastFailureAt <= 6_000, disabledUntil], [true, undefined]);
  });

  test('a real client that does not ask without a key: the error names the reference', async (t) => {
    const run = ({ apiKey }) =>
      new OpenAI({ apiKey, baseURL: 'http://127.0.0.1:9', maxRetries: 0 }).models.retrieve('m');
    const error = await errorOf(running(t, { run }, { second: SECRETS.second }).answer);
    assert.deepEqual([error.code, error.cause.code], ['ERR_NO_PROFILE_AVAILABLE', 'ERR_SECRET_UNRESOLVED']);
    assert.match(error.cause.message, /tokenRef acme\/2/);
    assert.match(error.cause.cause.message, /Missing credentials/);
  });

  test("a fault of the caller's own code is passed on", async (t) => {
    const mine = new TypeError('x is not a function');
    const run = () => {
      throw mine;
    };
    assert.equal(await errorOf(running(t, { run }).answer), mine);
  });

  test('a profile that holds its key is judged as ever', async (t) => {
    const run = () => {
      throw refusedKey();
    };
    const error = await errorOf(running(t, { run }, { third: SECRETS.third }).answer);
    assert.deepEqual([error.failure.class, error.cause.status], ['auth_permanent', 401]);
  });

  test('a limit is the account that `run` looked up by itself', async (t) => {
    const run = ({ attempt }) => {
      if (attempt === 1) throw Object.assign(new Error('429'), { status: 429, headers: { 'retry-after': '900' } });
    };
    const { attempts } = await running(t, { run }).answer;
    assert.equal(attempts[0].failure.class, 'rate_limit');
  });
});
