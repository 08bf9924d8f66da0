// Proxies, as a process of their own: used when they should be, and named when they fail.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { finish, sse, text } from '../support/code-assist-server.mjs';
import { startProxy } from '../support/proxy.mjs';
import { ask, server } from '../support/request.mjs';

const file = (name) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const tls = { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) };
const once = { retry: 'none' };
const variables = ['NODE_EXTRA_CA_CERTS', 'HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'];
const clear = () => {
  for (const name of variables.flatMap((name) => [name, name.toLowerCase()])) delete process.env[name];
};
clear();
afterEach(clear);

const open = await startProxy();
const locked = await startProxy({ credentials: 'user:p@ss' });
after(() => Promise.all([open.stop(), locked.stop()]));
const plain = await server(() => sse(text('Hi'), finish('STOP')));
const secure = await server(() => sse(text('Hi'), finish('STOP')), { tls });

/** What the proxy saw of one call. */
async function through(proxy, target, options) {
  const before = proxy.seen.length;
  const { message } = await ask(target, { ...once, ...options });
  return { message, seen: proxy.seen.slice(before) };
}

for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) {
  test(`${name} takes a TLS request through a tunnel that shows no bearer`, async () => {
    process.env.NODE_EXTRA_CA_CERTS = file('ca.pem');
    // A user name of its own: a tunnel that an earlier test has opened would be used again.
    process.env[name] = `http://${name}@127.0.0.1:${open.http}`;
    const { message, seen } = await through(open, secure);
    assert.equal(message.stopReason, 'stop');
    assert.deepEqual(
      seen.map(({ kind, target, bearer }) => [kind, target, bearer]),
      [['connect', `127.0.0.1:${secure.port}`, undefined]],
    );
  });
}

test('HTTP_PROXY takes a plain request; HTTPS_PROXY does not', async () => {
  process.env.HTTPS_PROXY = `http://127.0.0.1:${open.http}`;
  assert.equal((await through(open, plain)).seen.length, 0);
  process.env.HTTP_PROXY = `127.0.0.1:${open.http}`;
  const { message, seen } = await through(open, plain);
  assert.equal(message.stopReason, 'stop');
  assert.equal(seen[0].kind, 'absolute');
});

test('NO_PROXY goes around it', async () => {
  process.env.HTTP_PROXY = `http://127.0.0.1:${open.http}`;
  process.env.NO_PROXY = 'example.org,127.0.0.0/8';
  const { message, seen } = await through(open, plain);
  assert.equal(message.stopReason, 'stop');
  assert.equal(seen.length, 0);
});

test('the option wins over the environment, and false is a direct connection', async () => {
  process.env.HTTP_PROXY = 'http://127.0.0.1:1';
  assert.equal((await through(open, plain, { proxy: `http://127.0.0.1:${open.http}` })).seen.length, 1);
  assert.equal((await through(open, plain, { proxy: false })).message.stopReason, 'stop');
});

test('credentials of the proxy are sent to it', async () => {
  process.env.NODE_EXTRA_CA_CERTS = file('ca.pem');
  const proxy = `http://user:p%40ss@127.0.0.1:${locked.http}`;
  for (const target of [plain, secure]) {
    const { message, seen } = await through(locked, target, { proxy });
    assert.equal(message.stopReason, 'stop');
    assert.equal(seen[0].authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  }
  assert.equal(plain.requests.at(-1).headers['proxy-authorization'], undefined);
});

test('a proxy that wants credentials is named, with its 407, and nothing goes around it', async () => {
  const before = plain.requests.length + secure.requests.length;
  for (const target of [plain, secure]) {
    const { message } = await through(locked, target, { proxy: `http://someone:wr0ng@127.0.0.1:${locked.http}` });
    assert.equal(message.failure.class, 'network');
    assert.match(message.errorMessage, new RegExp(`proxy.*127\\.0\\.0\\.1:${locked.http}`));
    assert.match(message.errorMessage, /407|authori[sz]ation|authentication/i);
    assert.doesNotMatch(message.errorMessage, /wr0ng/);
  }
  assert.equal(plain.requests.length + secure.requests.length, before);
});

test('a proxy that is not there is named, and nothing goes around it', async () => {
  const before = plain.requests.length;
  const { message } = await ask(plain, { ...once, proxy: 'http://127.0.0.1:1' });
  assert.equal(message.failure.class, 'network');
  assert.match(message.errorMessage, /through the proxy 127\.0\.0\.1:1\b/);
  assert.equal(plain.requests.length, before);
});

test('SOCKS5 is spoken; with socks5h the proxy resolves the name', async () => {
  const address = await through(open, plain, { proxy: `socks5://127.0.0.1:${open.socks}` });
  assert.equal(address.message.stopReason, 'stop');
  assert.deepEqual(address.seen[0].target, `127.0.0.1:${plain.port}`);
  const name = await through(open, `http://api.invalid:${plain.port}`, { proxy: `socks5h://127.0.0.1:${open.socks}` });
  assert.equal(name.message.stopReason, 'stop');
  assert.equal(name.seen[0].target, `api.invalid:${plain.port}`);
});

test('a bearer over plain http to another machine is warned about once for each host', async () => {
  const warnings = [];
  const listen = (warning) => warnings.push(warning.message);
  process.on('warning', listen);
  process.env.HTTP_PROXY = `http://127.0.0.1:${open.http}`;
  for (const host of ['one.invalid', 'one.invalid', 'two.invalid']) {
    assert.equal((await ask(`http://${host}:${plain.port}`)).message.stopReason, 'stop');
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.deepEqual(
    warnings.map((words) => words.match(/goes to (\S+) over http/)?.[1]),
    ['one.invalid', 'two.invalid'],
  );
});
