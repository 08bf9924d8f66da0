// Whatever goes out holds no credential and no control character, and is short.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classifyFailure } from '../../index.js';

const textOf = (message) => classifyFailure({ status: 400, message }).text;

for (const [secret, text] of [
  ['ya29.a0AfB_byExample-1234', 'token ya29.a0AfB_byExample-1234 refused'],
  ['abc.DEF-123456', 'Authorization: Bearer abc.DEF-123456'],
  ['abc.DEF-123456', 'sent bearer abc.DEF-123456.'],
  ['dXNlcjpwYXNz', 'Proxy-Authorization: Basic dXNlcjpwYXNz'],
  ['sk-ant-api03-Example_1234', 'key sk-ant-api03-Example_1234'],
  ['sk-proj-abcd1234****wxyz', 'Incorrect API key provided: sk-proj-abcd1234****wxyz.'],
  ['AIzaSyExampleExample1234', 'https://x.example/v1?alt=sse&key=AIzaSyExampleExample1234&x=1'],
  ['plainvalue', 'https://x.example/v1?key=plainvalue'],
  ['1//0gExampleExampleExample1234', 'refresh token 1//0gExampleExampleExample1234'],
  ['GOCSPX-Example12', 'secret GOCSPX-Example12'],
  ['hunter22', '{"access_token": "hunter22"}'],
  ['hunter22', '{\\"refresh_token\\":\\"hunter22\\"}'],
  ['hunter22', "client_secret='hunter22'"],
  ['hunter22', 'x-api-key: hunter22'],
  ['me:hunter22', 'proxy http://me:hunter22@proxy.example:8080 failed'],
  ['eyJhbGciOiJSUzI1NiJ9.e30.abc', 'jwt eyJhbGciOiJSUzI1NiJ9.e30.abc'],
  ['ghp_Example1234', 'ghp_Example1234'],
  ['Q7xN2mVb8KpL4tRz9WcY6hJd3FgS5aEu', 'opaque Q7xN2mVb8KpL4tRz9WcY6hJd3FgS5aEu'],
]) {
  test(`replaced in: ${text}`, () => {
    const shown = textOf(text);
    assert.ok(!shown.includes(secret), shown);
    assert.match(shown, /\[redacted\]/);
    assert.equal(textOf(shown), shown);
  });
}

for (const text of [
  'API key not valid. Please pass a valid API key.',
  'No capacity available for model gemini-3-pro-preview on the server',
  "limit 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' of task-1234567890 on disk-sk-1",
  'trace 4bf92f3577b34da6a3ce929d0e0e4736, id 550e8400-e29b-41d4-a716-446655440000',
  'see https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429',
  'password required',
]) {
  test(`left alone: ${text}`, () => {
    assert.equal(textOf(text), text);
  });
}

test('control characters and terminal sequences go, blanks are folded', () => {
  assert.equal(textOf('a\u0000b\r\n\tc\u001b[31mred\u001b[0m\u202e d\u200b'), 'a b cred d');
});

test('at most 2,000 characters, and no half of a pair', () => {
  assert.equal(textOf('x '.repeat(5000)).length <= 2000, true);
  const pairs = classifyFailure({ status: 400, body: { error: { message: '😀'.repeat(5000) } } }).text;
  assert.equal(pairs.length, 2000);
  assert.ok(pairs.isWellFormed?.() ?? true);
});

test('a body without a message is shown in 500 characters', () => {
  assert.equal(classifyFailure({ status: 502, body: `<html>${'x'.repeat(3000)}` }).text.length, 500);
  assert.equal(classifyFailure({ status: 502, body: 'y'.repeat(3000) }).text.length, 500);
});

test('every other text of the record is redacted too', () => {
  const secret = 'ya29.a0AfB_byExample-1234';
  const failure = classifyFailure({
    status: 403,
    headers: { 'x-request-id': `id ${secret}` },
    model: secret,
    body: {
      error: {
        code: 403,
        status: secret,
        details: [{ reason: secret, metadata: { model: secret, quota_limit: `PerDay ${secret}` } }],
      },
    },
  });
  assert.ok(!JSON.stringify(failure).includes(secret));
});

test('the URL stands on its own field only', () => {
  const url = 'https://accounts.google.com/signin/continue?plt=Q7xN2mVb8KpL4tRz9WcY6hJd3FgS5aEu';
  const error = {
    message: `Visit ${url}`,
    details: [{ reason: 'VALIDATION_REQUIRED', metadata: { validation_url: url } }],
  };
  const failure = classifyFailure({ status: 403, body: { error } });
  assert.equal(failure.url, url);
  assert.ok(!failure.text.includes('Q7xN2mVb8KpL4tRz9WcY6hJd3FgS5aEu'));
});

for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'https://x.example/\nSet-Cookie: a', 7, null]) {
  test(`${JSON.stringify(url)} is no URL to send anybody to`, () => {
    const error = { details: [{ reason: 'VALIDATION_REQUIRED', metadata: { validation_url: url } }] };
    assert.equal(classifyFailure({ status: 403, body: { error } }).url, null);
  });
}
