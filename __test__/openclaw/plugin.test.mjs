// The plugin in a stand-in of the gateway: a real installation, the package's own addon, a real loopback server. What the
// real gateway does with it is tested by `npm run test:openclaw`.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ask, install, start } from '../support/openclaw/gateway.mjs';
import { chat, provider, refusal } from '../support/streaming-provider.mjs';

const HOUR = 3_600_000;
const KEYS = ['sk-test-k1', 'sk-test-k2', 'sk-test-k3'];

const limited = (headers) => (response) => response.writeHead(429, headers).end();
const answers = chat(['hello']);

/** A gateway with three accounts, `mock:a1` to `mock:a3`, and a server that treats their keys like this. */
async function gatewayWith(t, conducts, config = {}) {
  const server = await provider(t, Object.fromEntries(KEYS.map((key, index) => [key, conducts[index]])));
  const gateway = await start(install(t), { providers: ['mock'], ...config });
  for (const [index, key] of KEYS.entries()) {
    gateway.state.store.profiles[`mock:a${index + 1}`] = { type: 'api_key', provider: 'mock', key };
  }
  const turn = (options) => ask(gateway, { baseUrl: server.url, ...options });
  const file = join(gateway.agentDir, 'auth-failover', 'auth-profiles.json');
  const stored = () => readFileSync(file, 'utf8');
  return { gateway, asked: server.asked, turn, stored, file };
}

test('the next account answers, each limited one is asked once', async (t) => {
  const { turn, asked } = await gatewayWith(t, [limited(), limited(), answers]);
  assert.equal((await turn()).text, 'hello');
  assert.deepEqual(asked, KEYS);
});

test('the next prompt asks only the account that answered', async (t) => {
  const { turn, asked } = await gatewayWith(t, [limited(), limited(), answers]);
  await turn();
  assert.equal((await turn({ session: 'session-2' })).text, 'hello');
  assert.deepEqual(asked.slice(3), [KEYS[2]]);
});

test('so it does when the server turns accounts away as overloaded, and no account rests for it', async (t) => {
  const overloaded = refusal(529, { type: 'overloaded_error' });
  const { turn, asked, stored } = await gatewayWith(t, [overloaded, overloaded, answers]);
  await turn();
  await turn({ session: 'session-2' });
  assert.deepEqual(asked, [...KEYS, KEYS[2]]);
  assert.doesNotMatch(stored(), /cooldownUntil/);
});

test('a wait that the server states is the rest of the account, however the transport tells it', async (t) => {
  const { turn, gateway } = await gatewayWith(t, [limited({ 'retry-after': '7200' }), answers, answers]);
  const before = Date.now();
  await turn();
  await told(() => gateway.state.store.usageStats?.['mock:a1']?.cooldownUntil);
  const { cooldownUntil } = gateway.state.store.usageStats['mock:a1'];
  assert.ok(cooldownUntil >= before + 2 * HOUR && cooldownUntil < before + 2.2 * HOUR, String(cooldownUntil - before));
});

test('a hung account costs one time limit', async (t) => {
  const { turn, asked } = await gatewayWith(t, [() => {}, answers, answers], { firstByteTimeoutMs: 200 });
  assert.equal((await turn()).text, 'hello');
  assert.deepEqual(asked, KEYS.slice(0, 2));
});

test('and the next prompt asks the account that answered', async (t) => {
  const { turn, asked } = await gatewayWith(t, [() => {}, answers, answers], { firstByteTimeoutMs: 200 });
  await turn();
  await turn({ session: 'session-2' });
  assert.deepEqual(asked.slice(0, 2), KEYS.slice(0, 2));
  assert.ok(!asked.slice(2).includes(KEYS[0]), asked.join());
});

test('an answer that breaks off is not asked for again', async (t) => {
  const { turn, asked } = await gatewayWith(t, [chat(['half'], 'break'), answers, answers]);
  const { message, events } = await turn();
  assert.equal(message.stopReason, 'error');
  assert.deepEqual(asked, KEYS.slice(0, 1));
  assert.equal(events.filter((event) => event.type === 'error').length, 1);
});

test('nobody left: the gateway is told the time, and not to ask again', async (t) => {
  const { turn, asked, gateway } = await gatewayWith(t, [limited(), limited(), limited({ 'retry-after': '60' })]);
  const { message, isRetried } = await turn();
  assert.match(message.errorMessage, /mock:a\d is the first to be free, at \d{4}-\d\d-\d\dT/);
  assert.equal(isRetried, false);
  assert.deepEqual(asked, KEYS);
  assert.deepEqual(Object.keys(gateway.state.store.usageStats).sort(), ['mock:a1', 'mock:a2', 'mock:a3']);
});

test('accounts that all hang: the gateway is told that they timed out, until when, and not to ask again', async (t) => {
  const hangs = () => {};
  const { turn, asked } = await gatewayWith(t, [hangs, hangs, hangs], { firstByteTimeoutMs: 100 });
  const { message, isRetried } = await turn();
  assert.match(message.errorMessage, /timed out, whichever of 3 accounts was asked; it is asked again at \d{4}-\d\d-/);
  assert.deepEqual([message.stopReason, isRetried], ['error', false]);
  assert.deepEqual(asked, KEYS);
});

test('a request that every account refuses in the same way is not sent again when the gateway repeats it', async (t) => {
  const { turn, asked } = await gatewayWith(t, [limited(), limited(), limited()]);
  const first = await turn();
  const again = await turn();
  for (const { message, isRetried } of [first, again]) {
    assert.match(message.errorMessage, /refuses this request in the same way; it is sent again at \d{4}-/);
    assert.equal(isRetried, false);
  }
  assert.deepEqual(asked, KEYS);
});

test('of a server that is overloaded for everybody the gateway hears the very words, and may ask again', async (t) => {
  const overloaded = refusal(529, { type: 'overloaded_error', message: 'Overloaded' });
  const { turn, asked } = await gatewayWith(t, [overloaded, overloaded, overloaded]);
  const { message, isRetried } = await turn();
  assert.deepEqual([message.errorMessage, isRetried], ['529 Overloaded', true]);
  assert.deepEqual(asked, KEYS);
});

test("the gateway's own order is priority", async (t) => {
  const { gateway, turn, asked } = await gatewayWith(t, [answers, answers, answers]);
  gateway.state.store.order = { mock: ['mock:a2', 'mock:a1', 'mock:a3'] };
  await turn();
  await turn({ session: 'session-2' });
  assert.deepEqual(asked, [KEYS[1], KEYS[1]]);
});

test('an account that the user pinned for a session is the only one that is asked for it', async (t) => {
  const { gateway, turn, asked } = await gatewayWith(t, [answers, limited(), answers]);
  gateway.state.sessions.set('agent:main:pinned', {
    authProfileOverride: 'mock:a2',
    authProfileOverrideSource: 'user',
  });
  assert.equal((await turn({ session: 'pinned' })).message.stopReason, 'error');
  assert.deepEqual(asked, [KEYS[1]]);
});

test('one that the gateway chose for a session itself pins nobody', async (t) => {
  const { gateway, turn } = await gatewayWith(t, [limited(), answers, answers]);
  gateway.state.sessions.set('agent:main:s', { authProfileOverride: 'mock:a1', authProfileOverrideSource: 'auto' });
  assert.equal((await turn({ session: 's' })).text, 'hello');
});

test('a login stands in for logins, a key for keys: the request has been shaped for the kind', async (t) => {
  const { gateway, turn, asked } = await gatewayWith(t, [limited(), answers, answers]);
  const { profiles } = gateway.state.store;
  profiles['mock:a1'] = { type: 'token', provider: 'mock', token: KEYS[0] };
  profiles['mock:a3'] = { type: 'oauth', provider: 'mock', access: KEYS[2] };
  gateway.state.store.order = { mock: ['mock:a1', 'mock:a2', 'mock:a3'] };
  assert.equal((await turn()).text, 'hello');
  assert.deepEqual(asked, [KEYS[0], KEYS[2]]);
});

test('models of an API that takes no account by header are left to the gateway, and a line says so', async (t) => {
  const { gateway, turn, asked } = await gatewayWith(t, [answers, answers, answers]);
  assert.equal((await turn({ api: 'openai-chatgpt-responses' })).text, 'hello');
  assert.deepEqual(asked, [KEYS[0]]);
  assert.match(gateway.lines.join(), /leaves mock to the gateway for models of the API openai-chatgpt-responses/);
});

test('turns at once go to different accounts', async (t) => {
  const held = [];
  const hold = (response) => {
    held.push(response);
    if (held.length === KEYS.length) for (const each of held) answers(each);
  };
  const { turn, asked } = await gatewayWith(t, [hold, hold, hold]);
  await Promise.all(KEYS.map((_, index) => turn({ session: `session-${index}` })));
  assert.deepEqual(asked.sort(), KEYS);
});

test('an abort ends the request with the message of an abort, and no account rests for it', async (t) => {
  const controller = new AbortController();
  const { turn, stored } = await gatewayWith(t, [() => controller.abort(), answers, answers]);
  assert.equal((await turn({ signal: controller.signal })).message.stopReason, 'aborted');
  assert.doesNotMatch(stored(), /cooldownUntil/);
});

test('no secret is in our store or in a line', async (t) => {
  const { turn, stored, gateway } = await gatewayWith(t, [limited(), limited(), answers], { logLevel: 'debug' });
  await turn();
  await told(() => gateway.lines.some((line) => line.includes('answered after 2')));
  assert.doesNotMatch(stored() + gateway.lines.join(), /sk-test/);
});

test('there is a line for each rotation, and one for the answer after it', async (t) => {
  const { turn, gateway } = await gatewayWith(t, [limited({ 'retry-after': '7200' }), answers, answers]);
  await turn();
  await told(() => gateway.lines.length === 2);
  assert.match(
    gateway.lines[0],
    /^info: auth-failover: mock: mock:a1 did not answer: rate_limit \(429\); it rests until \d{4}-/,
  );
  assert.match(gateway.lines[1], /^info: auth-failover: mock: mock:a2 answered after 1 that did not$/);
});

test('accounts that the gateway has no more are asked no more', async (t) => {
  const { turn, gateway, asked } = await gatewayWith(t, [answers, answers, answers]);
  await turn();
  delete gateway.state.store.profiles['mock:a1'];
  delete gateway.state.store.profiles['mock:a2'];
  await turn({ session: 'session-2' });
  assert.equal(asked.at(-1), KEYS[2]);
});

test('our store may be deleted at any time: it begins anew', async (t) => {
  const { turn, file, stored } = await gatewayWith(t, [answers, answers, answers]);
  await turn();
  rmSync(file);
  assert.equal((await turn({ session: 'session-2' })).text, 'hello');
  assert.match(stored(), /mock:a3/);
});

test('a provider that is not named is left to the gateway', async (t) => {
  const { gateway } = await gatewayWith(t, [answers, answers, answers], { providers: ['other'] });
  assert.deepEqual([...gateway.providers.keys()], ['other']);
});

/** A gateway that loads the plugin from a folder whose manifest names these providers. */
async function gatewayOfAcme(t, declared, conducts) {
  const server = await provider(t, Object.fromEntries(KEYS.map((key, index) => [key, conducts[index]])));
  const installed = install(t);
  writeFileSync(join(installed.home, 'openclaw.plugin.json'), JSON.stringify({ providers: declared }));
  const gateway = await start(installed, { providers: ['acme'] }, { api: { rootDir: installed.home } });
  for (const key of KEYS) gateway.state.store.profiles[`acme:${key}`] = { type: 'api_key', provider: 'acme', key };
  return { gateway, server };
}

test("a provider of the gateway's own plugin keeps that plugin's hooks, in each attempt", async (t) => {
  const { gateway, server } = await gatewayOfAcme(t, ['acme'], [limited(), answers, answers]);
  const { label, normalizeResolvedModel } = gateway.providers.get('acme');
  assert.deepEqual([label, normalizeResolvedModel({ model: {} }).isNormalized], ['Acme', true]);
  assert.equal((await ask(gateway, { provider: 'acme', baseUrl: server.url })).text, 'hello');
  assert.deepEqual(
    server.heads.map((headers) => headers['x-acme-beta']),
    ['on', 'on'],
  );
});

test('where the manifest does not name such a provider it is left to the gateway, and a line says what to do', async (t) => {
  const { gateway } = await gatewayOfAcme(t, [], [answers, answers, answers]);
  assert.equal(gateway.providers.size, 0);
  assert.match(gateway.lines.join(), /leaves acme to the gateway: .*auth-failover openclaw setup/);
});

test('bad configuration is refused with the name of the field', async (t) => {
  const installed = install(t);
  for (const [field, config] of [
    ['providers', { providers: 'mock' }],
    ['firstByteTimeoutMs', { firstByteTimeoutMs: 0 }],
    ['strategy', { strategy: 'random' }],
    ['typo', { typo: 1 }],
  ]) {
    await assert.rejects(start(installed, config), (error) => error.field === field && error.message.includes(field));
  }
});

test('in a gateway that cannot register providers it steps aside with one line', async (t) => {
  const gateway = await start(install(t), { providers: ['mock'] }, { api: { registerProvider: undefined } });
  assert.equal(gateway.lines.length, 1);
  assert.match(gateway.lines[0], /steps aside: this gateway has no registerProvider/);
});

test('where our store cannot be written the gateway asks by itself, and a line says why', async (t) => {
  const { gateway, turn, file } = await gatewayWith(t, [answers, answers, answers]);
  gateway.agentDir = '/dev/null';
  assert.equal((await turn()).text, 'hello');
  assert.ok(!existsSync(file));
  assert.match(gateway.lines.join(), /leaves mock to the gateway/);
});

/** Until something that is told in the background has been told. */
async function told(is) {
  while (!is()) await new Promise((resolve) => setImmediate(resolve));
}
