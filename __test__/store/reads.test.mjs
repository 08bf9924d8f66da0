// The readers: who rests, who is next, and what is in the file.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  calculateAuthProfileCooldownMs,
  isProfileInCooldown,
  listProfilesForProvider,
  readAuthProfileStore,
  resolveAuthProfileOrder,
} from '../../index.js';
import { AgentDir, freeze, HOUR, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';

const P = 'google-gemini-cli';
const apiKey = (provider = P) => ({ type: 'api_key', provider, key: 'k' });
const token = (provider = P, expires) => ({ type: 'token', provider, token: 't', expires });

suite('isProfileInCooldown', () => {
  const within = (stats) => isProfileInCooldown(storeOf({}, { usageStats: { a: stats } }), 'a');

  test('a window ends at its end, not after it', (t) => {
    freeze(t);
    assert.equal(within({ cooldownUntil: T0 + 1 }), true);
    assert.equal(within({ cooldownUntil: T0 }), false);
  });

  test('the later of cooldown and disable counts', (t) => {
    freeze(t);
    assert.equal(within({ cooldownUntil: T0 - 1, disabledUntil: T0 + 1 }), true);
  });

  test('what is no time does not cool', (t) => {
    freeze(t);
    for (const odd of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, 'soon', -1, 0, {}]) {
      assert.equal(within({ cooldownUntil: odd }), false, String(odd));
    }
  });

  test('names of JavaScript itself are plain profile ids', () => {
    const store = storeOf({}, { usageStats: {} });
    for (const id of ['__proto__', 'constructor', 'toString', 'a\0b', '']) {
      assert.equal(isProfileInCooldown(store, id), false);
    }
  });
});

test('the ladder is 1, 5, 25, 60 minutes', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 99].map((n) => calculateAuthProfileCooldownMs(n) / MINUTE),
    [1, 1, 5, 25, 60, 60],
  );
  assert.equal(calculateAuthProfileCooldownMs(Number.NaN), Number.NaN);
});

test('providers are compared without case, blanks and aliases', () => {
  const store = storeOf({ a: apiKey('z.ai'), b: apiKey(' ZAI'), c: apiKey('other') });
  assert.deepEqual(listProfilesForProvider(store, 'z-ai'), ['a', 'b']);
});

suite('resolveAuthProfileOrder', () => {
  const order = (profiles, rest = {}, params = {}) =>
    resolveAuthProfileOrder({ store: storeOf(profiles, rest), provider: P, ...params });

  test('oauth before token before api_key, then least recently used, never used first', () => {
    const usageStats = { late: { lastUsed: 9 }, early: { lastUsed: 1 } };
    const profiles = { key: apiKey(), late: oauth(), token: token(), early: oauth(), fresh: oauth() };
    assert.deepEqual(order(profiles, { usageStats }), ['fresh', 'early', 'late', 'token', 'key']);
  });

  test('who cools goes last, soonest free first', (t) => {
    freeze(t);
    const usageStats = { a: { cooldownUntil: T0 + HOUR }, b: { disabledUntil: T0 + MINUTE } };
    assert.deepEqual(order({ a: oauth(), b: oauth(), c: apiKey() }, { usageStats }), ['c', 'b', 'a']);
  });

  test('the order of the store beats that of the configuration, and both keep their sequence', () => {
    const profiles = { a: oauth(), b: apiKey(), c: oauth() };
    const cfg = { auth: { order: { [P]: ['c', 'b'] } } };
    assert.deepEqual(order(profiles, {}, { cfg }), ['c', 'b']);
    assert.deepEqual(order(profiles, { order: { 'Google-Gemini-Cli': ['b', 'a', 'b', 'gone'] } }, { cfg }), ['b', 'a']);
  });

  test('an empty order means that no profile is wanted', () => {
    assert.deepEqual(order({ a: oauth() }, { order: { [P]: [] } }), []);
  });

  test('configured profiles limit the choice to what fits them', () => {
    const profiles = { a: oauth(), b: token(), c: apiKey(), d: oauth(), e: oauth('other') };
    const cfg = {
      auth: {
        profiles: {
          a: { provider: P, mode: 'oauth' },
          b: { provider: P, mode: 'oauth' },
          c: { provider: P, mode: 'oauth' },
          e: { provider: P, mode: 'oauth' },
        },
      },
    };
    assert.deepEqual(order(profiles, {}, { cfg }), ['a', 'b']);
  });

  test('profiles without a usable credential are left out', (t) => {
    freeze(t);
    const profiles = {
      blank: { ...apiKey(), key: '  ' },
      expired: token(P, T0),
      alive: token(P, T0 + 1),
      odd: token(P, -1),
      bare: { type: 'oauth', provider: P },
      refresh: { type: 'oauth', provider: P, refresh: 'r' },
      local: { type: 'local', provider: P },
    };
    assert.deepEqual(order(profiles), ['refresh', 'alive', 'odd']);
  });

  test('the preferred profile goes first even while it cools', (t) => {
    freeze(t);
    const usageStats = { b: { cooldownUntil: T0 + HOUR } };
    const profiles = { a: oauth(), b: oauth() };
    assert.deepEqual(order(profiles, { usageStats }, { preferredProfile: 'b' }), ['b', 'a']);
    assert.deepEqual(order(profiles, {}, { preferredProfile: 'gone' }), ['a', 'b']);
  });

  test('does not touch the passed store', (t) => {
    freeze(t);
    const store = storeOf({ a: oauth() }, { usageStats: { a: { cooldownUntil: T0 - 1, errorCount: 2 } } });
    const before = structuredClone(store);
    resolveAuthProfileOrder({ store, provider: P });
    assert.deepEqual(store, before);
  });
});

suite('readAuthProfileStore', () => {
  test('gives the store in the host shape, known profiles only', async (t) => {
    const store = storeOf(
      { a: oauth(), local: { type: 'local', provider: P }, bare: { type: 'oauth' } },
      { order: { [P]: ['a'] }, lastGood: { [P]: 'a' }, usageStats: { a: { lastUsed: 5 } }, future: 1 },
    );
    const dir = new AgentDir(t, store);
    const { local, bare, ...profiles } = store.profiles;
    const { future, ...rest } = store;
    assert.deepEqual(await readAuthProfileStore({ agentDir: dir.path }), { ...rest, profiles });
  });

  test('a sub-agent sees the main profiles under its own', async (t) => {
    const main = new AgentDir(t, storeOf({ a: oauth(), b: oauth() }, { usageStats: { a: { lastUsed: 1 } } }));
    const sub = new AgentDir(t, storeOf({ b: apiKey() }, { usageStats: { b: { lastUsed: 2 } } }));
    process.env.OPENCLAW_AGENT_DIR = main.path;
    t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
    const read = await readAuthProfileStore({ agentDir: sub.path });
    assert.deepEqual(Object.keys(read.profiles), ['a', 'b']);
    assert.equal(read.profiles.b.type, 'api_key');
    assert.deepEqual(read.usageStats, { a: { lastUsed: 1 }, b: { lastUsed: 2 } });
    assert.deepEqual(Object.keys((await readAuthProfileStore()).profiles), ['a', 'b']);
  });

  for (const [name, content, code] of [
    ['cut off', '{"profiles":{', 'ERR_STORE_UNREADABLE'],
    ['empty', '', 'ERR_STORE_UNREADABLE'],
    ['an array', '[]', 'ERR_STORE_UNREADABLE'],
    ['two objects', '{"profiles":{}}{"profiles":{}}', 'ERR_STORE_UNREADABLE'],
    ['not there', undefined, 'ERR_STORE_MISSING'],
  ]) {
    test(`a store that is ${name} is an error, not an empty store`, async (t) => {
      const dir = new AgentDir(t, content);
      await assert.rejects(readAuthProfileStore({ agentDir: dir.path }), { code, path: dir.file });
    });
  }

  test('cleans the order as the host does: a list without a name in it is none', async (t) => {
    const main = new AgentDir(t, storeOf({ a: oauth() }, { order: { [P]: [' a ', 7, ''] } }));
    const sub = new AgentDir(t, storeOf({}, { order: { [P]: ['  '], other: 'x' } }));
    process.env.OPENCLAW_AGENT_DIR = main.path;
    t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
    const { order } = await readAuthProfileStore({ agentDir: sub.path });
    assert.deepEqual(order, { [P]: ['a'] });
  });

  test('accepts a byte order mark', async (t) => {
    const dir = new AgentDir(t, `\ufeff${JSON.stringify(storeOf({ a: oauth() }))}`);
    assert.deepEqual(Object.keys((await readAuthProfileStore({ agentDir: dir.path })).profiles), ['a']);
  });

  test('a profile called __proto__ pollutes nothing', async (t) => {
    const dir = new AgentDir(t, `{"profiles":{"__proto__":${JSON.stringify(oauth())}}}`);
    const read = await readAuthProfileStore({ agentDir: dir.path });
    assert.deepEqual(Object.keys(read.profiles), ['__proto__']);
    assert.equal({}.provider, undefined);
  });
});
