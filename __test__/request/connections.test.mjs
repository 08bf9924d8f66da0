// TLS, HTTP/2, keep-alive, compression and redirects, on real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, createSecureServer } from 'node:http2';
import { after, afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { finish, sse, text } from '../support/code-assist-server.mjs';
import { ask, server } from '../support/request.mjs';

const file = (name) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const tls = { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) };
const good = () => sse(text('Hi'), finish('STOP'));
const once1 = { retry: 'none' };

const variables = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'];
const clear = () => {
  for (const name of variables.flatMap((name) => [name, name.toLowerCase()])) delete process.env[name];
};
clear();
afterEach(clear);

/** The address of a server that is closed, with its connections, when the tests are done. */
async function listening(h2) {
  const sessions = new Set();
  h2.on('session', (session) => sessions.add(session));
  h2.listen(0, '127.0.0.1');
  await once(h2, 'listening');
  after(() => {
    h2.close();
    for (const session of sessions) session.destroy();
  });
  return `https://localhost:${h2.address().port}`;
}

test('a certificate that nobody trusts is refused, by that name', async () => {
  const at = await server(good, { tls });
  const { message } = await ask(at, once1);
  assert.equal(message.failure.class, 'network');
  assert.match(message.errorMessage, /^Network error: .*certificate/);
  assert.equal(at.requests.length, 0);
});

test('a refused certificate is not asked for again: it will not be trusted in a second either', async () => {
  const at = await server(good, { tls });
  const { message } = await ask(at, { retry: 'transient' });
  assert.deepEqual([message.failure.rule, message.failure.requests], ['network-tls', 1]);
});

for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']) {
  test(`${name} is read at the call`, async () => {
    const at = await server(good, { tls });
    process.env[name] = file('ca.pem');
    assert.equal((await ask(at, once1)).message.stopReason, 'stop');
    process.env[name] = file('other-ca.pem');
    assert.equal((await ask(at, once1)).message.stopReason, 'error');
  });

  test(`${name} that cannot be read is told when a certificate is refused`, async () => {
    const at = await server(good, { tls });
    process.env[name] = '/nowhere/ca.pem';
    const { message } = await ask(at, once1);
    assert.match(message.errorMessage, new RegExp(`${name} could not be read`));
  });
}

test('a certificate for another host is refused', async () => {
  const at = await server(good, { tls });
  process.env.NODE_EXTRA_CA_CERTS = file('ca.pem');
  const { message } = await ask(`https://[::ffff:127.0.0.1]:${at.port}`, once1);
  assert.equal(message.failure.class, 'network');
});

test('HTTP/2 is used where the server offers it', async () => {
  const versions = [];
  const h2 = createSecureServer({ ...tls, allowHTTP1: true }, async (request, response) => {
    versions.push(request.httpVersion);
    for await (const _ of request);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      good()
        .steps.map((step) => step)
        .join(''),
    );
  });
  const at = await listening(h2);
  process.env.NODE_EXTRA_CA_CERTS = file('ca.pem');
  const { message } = await ask(at);
  assert.equal(message.stopReason, 'stop');
  assert.deepEqual(versions, ['2.0']);
});

test('an HTTP/2 stream that is reset in the middle is no success', async () => {
  const h2 = createSecureServer(tls);
  h2.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write(sse(text('Hel')).steps[0], () => setImmediate(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR)));
  });
  const at = await listening(h2);
  process.env.NODE_EXTRA_CA_CERTS = file('ca.pem');
  const { message } = await ask(at, once1);
  assert.equal(message.failure.class, 'truncated');
});

test('a connection is used again', async () => {
  const at = await server(good);
  for (let i = 0; i < 3; i += 1) await ask(at);
  assert.equal(new Set(at.requests.map((request) => request.port)).size, 1);
});

test('a host name with several addresses finds the one that answers', async () => {
  const at = await server(good);
  assert.equal((await ask(`http://localhost:${at.port}`)).message.stopReason, 'stop');
});

test('a compressed answer is read', async () => {
  const at = await server(() => ({
    headers: { 'content-encoding': 'gzip' },
    steps: [gzipSync(good().steps.join(''))],
  }));
  assert.equal((await ask(at)).message.content[0].text, 'Hi');
  assert.match(at.requests[0].headers['accept-encoding'], /gzip/);
});

test('a redirect to another server is not followed: the bearer stays here', async () => {
  const other = await server(good);
  const at = await server(() => ({ status: 307, headers: { location: `${other.url}/v1internal` } }));
  const { message } = await ask(at);
  assert.equal(message.stopReason, 'error');
  assert.match(message.errorMessage, /307.*redirect to 127\.0\.0\.1 was not followed/);
  assert.equal(other.requests.length, 0);
});

test('a redirect on the same server is followed with the whole request', async () => {
  const at = await server(({ path }) =>
    path === '/moved' ? good() : { status: 307, headers: { location: '/moved' } },
  );
  assert.equal((await ask(at)).message.stopReason, 'stop');
  assert.equal(at.requests[1].token, 'token-1');
  assert.deepEqual(at.requests[1].body, at.requests[0].body);
});

test('a server that refuses connections is a network error that names it', async () => {
  const at = await server(good);
  await at.close();
  const { message } = await ask(at, once1);
  assert.equal(message.failure.class, 'network');
  assert.match(message.errorMessage, new RegExp(`^Network error: .*refused.*127\\.0\\.0\\.1:${at.port}`));
  assert.doesNotMatch(message.errorMessage, /v1internal/);
});

test('a host that does not exist is a network error', async () => {
  const { message } = await ask('http://no-such-host.invalid', once1);
  assert.equal(message.failure.class, 'network');
  assert.match(message.errorMessage, /no-such-host\.invalid/);
});
