// What the current SDKs throw is understood wherever they keep status, headers and body: a server on loopback refuses,
// the SDK throws, and the record is right. `known` names what an SDK throws away, so that nothing can be read of it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { classifyFailure } from '../../entry/main.js';
import { calls, retried } from '../support/sdk-calls.mjs';

const HOUR = 3_600_000;
const openai = (type, code) => ({ error: { message: 'The request was refused.', type, code } });
const google = (code, status, details) => ({ error: { code, message: 'The request was refused.', status, details } });
const retryInfo = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3600s' }];

/** What each API answers: a limit for an hour, a refused key, a broken request, a full server. */
const apis = {
  openai: {
    limit: [429, openai('requests', 'rate_limit_exceeded'), { 'retry-after': '3600' }],
    key: [401, openai('invalid_request_error', 'invalid_api_key')],
    request: [400, openai('invalid_request_error', 'invalid_value')],
    full: [503, openai('server_error', null)],
  },
  anthropic: {
    limit: [
      429,
      { type: 'error', error: { type: 'rate_limit_error', message: 'Refused.' } },
      { 'retry-after': '3600' },
    ],
    key: [401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }],
    request: [400, { type: 'error', error: { type: 'invalid_request_error', message: 'messages: is missing' } }],
    full: [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
  },
  google: {
    limit: [429, google(429, 'RESOURCE_EXHAUSTED', retryInfo)],
    key: [401, google(401, 'UNAUTHENTICATED')],
    request: [400, google(400, 'INVALID_ARGUMENT')],
    full: [503, google(503, 'UNAVAILABLE')],
  },
  bedrock: {
    limit: [429, { message: 'Too many tokens, please wait.' }, { 'x-amzn-errortype': 'ThrottlingException' }],
    key: [403, { message: 'The security token is invalid.' }, { 'x-amzn-errortype': 'UnrecognizedClientException' }],
    request: [400, { message: 'A field is missing.' }, { 'x-amzn-errortype': 'ValidationException' }],
    full: [503, { message: 'Try again.' }, { 'x-amzn-errortype': 'ServiceUnavailableException' }],
  },
};

function apiOf(name) {
  if (name.includes('anthropic')) return apis.anthropic;
  if (name.includes('google')) return apis.google;
  return name.includes('bedrock') ? apis.bedrock : apis.openai;
}

const known = {
  // No header of the answer is left on the error, and Bedrock states no wait in its body.
  ollama: { keepsHeaders: false },
  '@huggingface/inference': { keepsHeaders: false },
  '@aws-sdk/client-bedrock-runtime': { keepsHeaders: false },
};

let answers;
let url;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const [status, body, headers] = answers.length > 1 ? answers.shift() : answers[0];
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
});
before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close().closeAllConnections());

async function thrownBy(call, ...sequence) {
  answers = sequence;
  try {
    await call(url);
  } catch (error) {
    return classifyFailure({ error });
  }
  assert.fail('it did not throw');
}

const isLost = (name) => name.endsWith('without output');

for (const [name, call] of Object.entries(calls).filter(([name]) => isLost(name))) {
  test(`${name}: the SDK drops the cause, so another account is asked and nothing is claimed`, async () => {
    const { class: kind, rotate, retryAfterMs } = await thrownBy(call, apis.openai.limit);
    assert.deepEqual([kind, rotate, retryAfterMs], ['unknown', true, null]);
  });
}

for (const [name, call] of Object.entries(calls).filter(([name]) => !isLost(name))) {
  const { limit, key, request, full } = apiOf(name);
  describe(name, () => {
    test('a limit is one, for the time that the server stated', async () => {
      const failure = await thrownBy(call, limit);
      assert.ok(['rate_limit', 'quota'].includes(failure.class), failure.class);
      assert.deepEqual([failure.rotate, failure.status], [true, 429]);
      const wait = known[name]?.keepsHeaders === false ? null : HOUR;
      if (wait === null) assert.equal(failure.retryAfterMs, null);
      else assert.ok(Math.abs(failure.retryAfterMs - wait) < 1_000, `${failure.retryAfterMs}`);
    });
    test('a refused key rests its account and asks another', async () => {
      const failure = await thrownBy(call, key);
      assert.ok(['auth', 'auth_permanent'].includes(failure.class), failure.class);
      assert.deepEqual([failure.scope, failure.rotate, failure.status], ['account', true, key[0]]);
    });
    test('a broken request is nobody else’s to answer', async () => {
      const failure = await thrownBy(call, request);
      assert.deepEqual([failure.class, failure.scope, failure.rotate], ['format', 'request', false]);
    });
    test('a full server is not the account’s fault', async () => {
      const failure = await thrownBy(call, full);
      assert.ok(['overloaded', 'capacity'].includes(failure.class), failure.class);
      assert.deepEqual([failure.rotate, failure.status], [true, full[0]]);
    });
  });
}

for (const [name, call] of Object.entries(retried)) {
  test(`${name}: the last of its errors decides`, async () => {
    const soon = [429, openai('requests', 'rate_limit_exceeded'), { 'retry-after-ms': '1' }];
    const failure = await thrownBy(call, soon, apis.openai.key);
    assert.deepEqual([failure.class, failure.status, failure.rotate], ['auth_permanent', 401, true]);
  });
}
