// `refreshOAuth`: one exchange with a token server, whatever that makes of it.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { refreshOAuth } from '../../index.js';
import { startTokenServer } from '../support/token-server.mjs';

const rejection = (promise) =>
  promise.then(
    () => assert.fail('it was resolved'),
    (error) => error,
  );

test('a refresh token is exchanged, and what the credential has besides stays', async (t) => {
  const server = await startTokenServer(t);
  const login = server.login('a', { email: 'me@example.com', projectId: 'p' });
  const before = Date.now();
  const renewed = await refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' })(login);
  assert.deepEqual(Object.keys(renewed), Object.keys(login));
  assert.deepEqual([renewed.email, renewed.projectId, renewed.provider], ['me@example.com', 'p', 'acme']);
  assert.notEqual(renewed.access, login.access);
  assert.notEqual(renewed.refresh, login.refresh);
  assert.ok(renewed.expires >= before + 3_600_000 && renewed.expires <= Date.now() + 3_600_000);
  const [{ form }] = server.refreshes;
  assert.deepEqual(form, { grant_type: 'refresh_token', refresh_token: login.refresh, client_id: 'mine' });
});

test('a server that does not rotate leaves the refresh token as it is', async (t) => {
  const server = await startTokenServer(t, { rotates: false });
  const login = server.login('a');
  const renewed = await refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' })(login);
  assert.equal(renewed.refresh, login.refresh);
  assert.notEqual(renewed.access, login.access);
});

test('the body is a form or JSON, with the caller’s parameters and headers', async (t) => {
  const server = await startTokenServer(t);
  const login = server.login('a');
  const refresh = refreshOAuth({
    tokenUrl: server.tokenUrl,
    clientId: 'mine',
    clientSecret: 'a secret',
    authMethod: 'client_secret_post',
    scope: 'one two',
    format: 'json',
    parameters: { audience: 'x' },
    headers: { 'x-own': 'yes' },
  });
  await refresh(login);
  const [{ form, headers }] = server.refreshes;
  assert.deepEqual(form, {
    grant_type: 'refresh_token',
    refresh_token: login.refresh,
    client_id: 'mine',
    client_secret: 'a secret',
    scope: 'one two',
    audience: 'x',
  });
  assert.deepEqual([headers['x-own'], headers['content-type']], ['yes', 'application/json']);
});

test('with a secret the client says who it is in the header, as the standard has it', async (t) => {
  const server = await startTokenServer(t);
  const refresh = refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'my id', clientSecret: 's:1' });
  await refresh(server.login('a'));
  const [{ form, headers }] = server.refreshes;
  assert.equal(headers.authorization, `Basic ${Buffer.from('my+id:s%3A1').toString('base64')}`);
  assert.ok(!('client_id' in form) && !('client_secret' in form));
});

test('a login that is over says so, and shows no token', async (t) => {
  const server = await startTokenServer(t);
  const login = server.login('a');
  const refresh = refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' });
  await refresh(login);
  const error = await rejection(refresh(login, { profileId: 'acme:a' }));
  assert.deepEqual([error.code, error.needsLogin, error.profileId], ['ERR_REFRESH_FAILED', true, 'acme:a']);
  assert.deepEqual([error.failure.class, error.failure.rule], ['auth_permanent', 'refresh-refused']);
  assert.match(error.message, /invalid_grant/);
});

test('a fault of the token server ends no login', async (t) => {
  const answers = [
    (response) => response.writeHead(503).end('try later'),
    (response) => response.writeHead(429, { 'retry-after': '7' }).end('{}'),
    (response) => response.writeHead(200).end('<html>'),
    (response) => response.destroy(),
  ];
  const server = await startTokenServer(t, {
    answer: (_, response) => {
      answers.shift()(response);
      return 'answered';
    },
  });
  const login = server.login('a');
  const refresh = refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' });
  const failures = [];
  while (answers.length > 0) failures.push(await rejection(refresh(login)));
  assert.deepEqual(
    failures.map(({ needsLogin }) => needsLogin),
    [false, false, false, false],
  );
  assert.equal(failures[1].failure.retryAfterMs, 7_000);
  assert.deepEqual(
    failures.map(({ failure }) => failure.rule),
    Array(4).fill('refresh-failed'),
  );
  assert.equal(server.refreshes.length, 4, 'each was sent once');
});

test('a secret that the server repeats is not shown', async (t) => {
  const server = await startTokenServer(t, {
    answer: ({ form }, response) => {
      const words = `${form.refresh_token} of ${form.client_secret} is unknown`;
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant', error_description: words }));
      return 'answered';
    },
  });
  const login = server.login('a');
  const refresh = refreshOAuth({
    tokenUrl: server.tokenUrl,
    clientId: 'mine',
    clientSecret: 'very-private-words',
    authMethod: 'client_secret_post',
  });
  const error = await rejection(refresh(login));
  const shown = `${error.message} ${error.stack} ${JSON.stringify(error.failure)}`;
  for (const secret of [login.refresh, login.access, 'very-private-words']) assert.ok(!shown.includes(secret));
});

test('a server that does not answer is given up after timeoutMs', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const tokenUrl = `http://127.0.0.1:${server.address().port}/token`;
  const refresh = refreshOAuth({ tokenUrl, clientId: 'mine', timeoutMs: 50 });
  const error = await rejection(refresh({ type: 'oauth', provider: 'acme', refresh: 'r' }));
  assert.deepEqual([error.needsLogin, error.failure.class], [false, 'timeout']);
});

test('an abort counts until the request is sent, and not after', async (t) => {
  const sent = new AbortController();
  const server = await startTokenServer(t, { answer: () => sent.abort() });
  const refresh = refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' });
  const reason = new Error('no longer wanted');
  assert.equal(await rejection(refresh(server.login('a'), { signal: AbortSignal.abort(reason) })), reason);
  assert.equal(server.refreshes.length, 0);
  const renewed = await refresh(server.login('b'), { signal: sent.signal });
  assert.ok(server.isCurrent(renewed.refresh));
});

test('options that cannot be used are refused by name', () => {
  const good = { tokenUrl: 'https://login.example/token', clientId: 'mine' };
  const refused = [
    ['options.tokenUrl', { ...good, tokenUrl: 'http://login.example/token' }],
    ['options.tokenUrl', { clientId: 'mine' }],
    ['options.clientId', { ...good, clientId: ' ' }],
    ['options.clientSecret', { ...good, authMethod: 'client_secret_post' }],
    ['options.authMethod', { ...good, clientSecret: 'x', authMethod: 'none' }],
    ['options.format', { ...good, format: 'xml' }],
    ['options.headers.a b', { ...good, headers: { 'a b': 'x' } }],
    ['options.proxy', { ...good, proxy: 'gopher://x' }],
    ['options.timeoutMs', { ...good, timeoutMs: 0 }],
  ];
  for (const [field, options] of refused) {
    assert.throws(() => refreshOAuth(options), { code: 'ERR_INVALID_ARGUMENT', field }, field);
  }
});

test('a credential without a refresh token is refused', async () => {
  const refresh = refreshOAuth({ tokenUrl: 'https://login.example/token', clientId: 'mine' });
  const error = await rejection(refresh({ type: 'oauth', provider: 'acme', access: 'a' }));
  assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', 'credential.refresh']);
});
