// Thrown values: aborts, timeouts, faults of the way, and the error classes of other clients.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { classifyFailure } from '../../index.js';

const classOf = (error, more) => {
  const { class: name, rule } = classifyFailure({ error, ...more });
  return [name, rule];
};
const coded = (code, message = 'x') => Object.assign(new Error(message), { code });

async function thrownBy(action) {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test("an abort of the caller's is an abort", () => {
  const controller = new AbortController();
  controller.abort();
  assert.deepEqual(classOf(controller.signal.reason), ['aborted', 'abort-error']);
});

test('a timeout signal is a timeout, also as the cause or the reason of an abort', async () => {
  const signal = AbortSignal.timeout(1);
  await once(signal, 'abort');
  const abort = (more) => Object.assign(new DOMException('This operation was aborted', 'AbortError'), more);
  assert.deepEqual(classOf(signal.reason), ['timeout', 'timeout-error']);
  assert.deepEqual(classOf(Object.defineProperty(abort(), 'cause', { value: signal.reason })), [
    'timeout',
    'timeout-error',
  ]);
  assert.deepEqual(classOf(abort({ reason: signal.reason })), ['timeout', 'timeout-error']);
});

test("pi-ai's text for an abort is an abort", () => {
  assert.deepEqual(classOf(new Error('Request was aborted')), ['aborted', 'abort-error']);
});

for (const [code, expected] of Object.entries({
  ENOTFOUND: ['network', 'network-dns'],
  EAI_AGAIN: ['network', 'network-dns'],
  ECONNREFUSED: ['network', 'network-connect'],
  EHOSTUNREACH: ['network', 'network-connect'],
  ECONNRESET: ['network', 'network-reset'],
  EPIPE: ['network', 'network-reset'],
  UND_ERR_SOCKET: ['network', 'network-reset'],
  ETIMEDOUT: ['timeout', 'timeout-socket'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'timeout-connect'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'timeout-headers'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'timeout-body'],
  SELF_SIGNED_CERT_IN_CHAIN: ['network', 'network-tls'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['network', 'network-tls'],
  HPE_INVALID_CONSTANT: ['network', 'network-protocol'],
  ABORT_ERR: ['aborted', 'abort-error'],
})) {
  test(`${code}, on the error and as its cause`, () => {
    const wrapped = new TypeError('fetch failed', { cause: coded(code) });
    assert.deepEqual(classOf(coded(code)), expected);
    assert.deepEqual(classOf(wrapped), expected);
    assert.equal(classifyFailure({ error: wrapped }).reason, code);
  });
}

test("undici's own failure to connect", async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  const error = await thrownBy(() => fetch(`http://127.0.0.1:${port}/`));
  assert.deepEqual(classOf(error), ['network', 'network-connect']);
});

test("undici's own broken body", async () => {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const error = await thrownBy(async () => (await fetch(`http://127.0.0.1:${server.address().port}/`)).text());
  server.close();
  assert.equal(classOf(error)[0], 'network');
});

test('an aggregate of refused connections', () => {
  const error = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')], 'all failed');
  assert.deepEqual(classOf(error), ['network', 'network-connect']);
});

test('a fetch that failed without a cause', () => {
  assert.deepEqual(classOf(new TypeError('fetch failed')), ['network', 'network-fetch']);
});

test('a response that was read counts more than the abort that came with it', () => {
  const abort = new DOMException('This operation was aborted', 'AbortError');
  const failure = classifyFailure({ error: abort, status: 429, body: '{"error":{"message":"Please retry in 3s."}}' });
  assert.deepEqual([failure.class, failure.retryAfterMs], ['rate_limit', 3000]);
});

for (const [client, error] of Object.entries({
  "OpenAI's": Object.assign(new Error('429 Rate limit reached'), {
    status: 429,
    headers: new Headers({ 'retry-after': '7' }),
    error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' },
  }),
  "Anthropic's": Object.assign(new Error('429 {"type":"error"}'), {
    status: 429,
    headers: { 'retry-after': '7' },
    error: { type: 'error', error: { type: 'rate_limit_error', message: 'Rate limit reached' } },
  }),
  "axios's": Object.assign(new Error('Request failed with status code 429'), {
    code: 'ERR_BAD_REQUEST',
    response: { status: 429, headers: { 'Retry-After': '7' }, data: { error: { message: 'Rate limit reached' } } },
  }),
  'the AI SDK’s': Object.assign(new Error('Rate limit reached'), {
    statusCode: 429,
    responseHeaders: { 'retry-after': '7' },
    responseBody: '{"error":{"message":"Rate limit reached"}}',
  }),
  'one with the response as its cause': new Error('failed', {
    cause: Object.assign(new Error('Rate limit reached'), { status: '429', headers: [['retry-after', '7']] }),
  }),
  "pi-ai's, text alone": new Error('Cloud Code Assist API error (429): Rate limit reached. Please retry in 7s.'),
})) {
  test(`an error of ${client} class`, () => {
    const failure = classifyFailure({ error });
    assert.deepEqual([failure.class, failure.status, failure.retryAfterMs], ['rate_limit', 429, 7000]);
  });
}

test('what the caller states counts more than what the error carries', () => {
  const error = Object.assign(new Error('x'), { status: 500, headers: { 'retry-after': '7' } });
  const failure = classifyFailure({ error, status: 429, headers: { 'retry-after': '9' } });
  assert.deepEqual([failure.status, failure.retryAfterMs], [429, 9000]);
});

test('an error with a record of ours gives that record', () => {
  const failure = classifyFailure({ status: 429, body: 'Your quota will reset after 2h.', now: 1_770_000_000_000 });
  assert.deepEqual(classifyFailure({ error: Object.assign(new Error('x'), { failure }) }), failure);
});

test('a record keeps the rule of the request that made it, and one of another version becomes given', () => {
  const failure = classifyFailure({ status: 500 });
  for (const [rule, read] of [
    ['malformed-chunk', 'malformed-chunk'],
    ['of-next-year', 'given'],
  ]) {
    const error = Object.assign(new Error('x'), { failure: { ...failure, rule } });
    assert.equal(classifyFailure({ error }).rule, read);
  }
});

for (const [what, value] of Object.entries({
  'a string': 'connect ECONNREFUSED',
  'a number': 429,
  'a bigint': 3n,
  'a symbol': Symbol('timeout'),
  'a function': () => {},
  'a bare object': {},
  'an object without a prototype': Object.create(null),
  'a revoked proxy': (() => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  })(),
  'getters that throw': {
    get message() {
      throw new Error('no');
    },
    get cause() {
      throw new Error('no');
    },
  },
})) {
  test(`${what} can be thrown`, () => {
    assert.equal(typeof classifyFailure({ error: value }).class, 'string');
  });
}

test('a chain of causes that bites its own tail ends', () => {
  const error = coded('ECONNRESET');
  error.cause = error;
  assert.deepEqual(classOf(error), ['network', 'network-reset']);
});
