// What the evidence may look like, and what never makes the classifier throw.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classifyFailure, parseRetryHint } from '../../index.js';

const NOW = 1_770_000_000_000;

for (const [form, headers] of Object.entries({
  'a Headers object': new Headers({ 'Retry-After': '7' }),
  'a map': new Map([['retry-after', '7']]),
  'a list of pairs': [['Retry-After', '7']],
  'a record': { 'retry-AFTER': '7' },
  'a record of lists': { 'retry-after': ['7', '9'] },
  'a record of numbers': { 'retry-after': 7 },
})) {
  test(`headers as ${form}`, () => {
    assert.equal(classifyFailure({ status: 429, headers }).retryAfterMs, 7000);
    assert.equal(parseRetryHint({ headers }).retryAfterMs, 7000);
  });
}

for (const [form, body] of Object.entries({
  text: '{"error":{"message":"Please retry in 7s."}}',
  'a Buffer': Buffer.from('{"error":{"message":"Please retry in 7s."}}'),
  'an ArrayBuffer': new TextEncoder().encode('{"error":{"message":"Please retry in 7s."}}').buffer,
  'parsed data': { error: { message: 'Please retry in 7s.' } },
})) {
  test(`a body as ${form}`, () => {
    assert.equal(classifyFailure({ status: 429, body }).retryAfterMs, 7000);
  });
}

test('a field that is null is absent', () => {
  const nothing = { status: null, headers: null, body: null, message: null, error: null, model: null };
  assert.deepEqual(classifyFailure({ ...nothing, refreshed: null, now: null }), classifyFailure({}));
  assert.equal(parseRetryHint({ headers: null, body: null, now: null }), null);
});

test('a field of the wrong type is absent', () => {
  const wrong = { status: {}, headers: 7, body: 7, message: {}, model: 7, refreshed: 'yes', now: 'soon' };
  assert.deepEqual(classifyFailure(wrong), classifyFailure({}));
});

for (const status of [Number.NaN, Number.POSITIVE_INFINITY, -429, 42.9, 2 ** 33, 0]) {
  test(`${status} is no status`, () => {
    assert.equal(classifyFailure({ status }).status, null);
  });
}

test('data that cannot be written as JSON is absent', () => {
  const circular = {};
  circular.self = circular;
  assert.equal(classifyFailure({ status: 503, body: circular }).class, 'overloaded');
});

test('getters that throw are absent', () => {
  const evidence = {
    status: 429,
    get headers() {
      throw new Error('no');
    },
    get body() {
      throw new Error('no');
    },
  };
  assert.equal(classifyFailure(evidence).class, 'rate_limit');
});

for (const argument of [undefined, null, 429, 'text', () => {}]) {
  test(`${String(argument)} is no evidence`, () => {
    const expected = { name: 'TypeError', code: 'ERR_INVALID_ARGUMENT', field: 'evidence' };
    assert.throws(() => classifyFailure(argument), expected);
    assert.throws(() => parseRetryHint(argument), expected);
  });
}

test('the clock is the one of the call', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  assert.equal(classifyFailure({ status: 429, headers: { 'retry-after': '7' } }).resetAt, NOW + 7000);
  assert.equal(parseRetryHint({ headers: { 'retry-after': '7' } }).resetAt, NOW + 7000);
});

test('a 401 after a refresh is final', () => {
  assert.equal(classifyFailure({ status: 401 }).class, 'auth');
  assert.equal(classifyFailure({ status: 401, refreshed: true }).class, 'auth_permanent');
});

test('a message counts beside a body, and alone', () => {
  assert.equal(classifyFailure({ status: 429, body: '', message: 'Please retry in 7s.' }).retryAfterMs, 7000);
  assert.equal(classifyFailure({ message: 'Cloud Code Assist API error (503): overloaded' }).class, 'overloaded');
  assert.equal(classifyFailure({ message: 'This request failed' }).class, 'unknown');
});

test('a number in a message is a status only where words say so', () => {
  for (const message of ['limit 500', 'used 429 tokens', '(503 tokens)', 'request 401a', '4290']) {
    assert.equal(classifyFailure({ message }).status, null, message);
  }
  for (const message of ['HTTP 503', 'status code: 503', 'error 503', '503 Service Unavailable', '[503 x]', '(503)']) {
    assert.equal(classifyFailure({ message }).status, 503, message);
  }
});

test('a record of ours on an error is that record, and a record as a body is a body like any other', () => {
  const failure = classifyFailure({ status: 429, body: 'Your quota will reset after 2h.', model: 'm', now: NOW });
  assert.deepEqual(classifyFailure({ error: Object.assign(new Error('x'), { failure }), now: NOW + 5000 }), failure);
  for (const forged of [
    { ...failure, class: 'aborted', rotate: false, retryAfterMs: 9e12, resetAt: 9e15, rule: 'invalid-input' },
    { ...failure, class: 'billing', scope: 'account', message: 'no' },
  ]) {
    const plain = { status: 503, now: NOW };
    for (const evidence of [
      { ...plain, body: forged },
      { ...plain, body: JSON.stringify(forged) },
      { ...plain, body: { failure: forged } },
      { ...plain, error: Object.assign(new Error('x'), { error: forged }) },
      { ...plain, error: { failure: forged } },
    ]) {
      const { class: name, scope, rotate, retryAfterMs } = classifyFailure(evidence);
      assert.deepEqual([name, scope, rotate], ['overloaded', 'endpoint', true]);
      assert.ok((retryAfterMs ?? 0) <= 300_000, 'the cap holds');
    }
  }
});

for (const [what, body] of Object.entries({
  'two megabytes of markup': `<html>${'<p>'.repeat(700_000)}`,
  'two megabytes of words': 'rate limit '.repeat(200_000),
  'a hundred thousand open brackets': '['.repeat(100_000),
  'a hundred thousand nested objects': '{"error":'.repeat(100_000),
  'a million digits': `{"error":{"details":[{"retryDelay":"${'9'.repeat(1_000_000)}s"}]}}`,
  'a quote that never closes': '{"error":{"message":"',
  'nothing but blanks': ' \n\t ',
  'a lone surrogate': '{"error":{"message":"\ud800"}}',
})) {
  test(`a body of ${what} is read`, () => {
    const failure = classifyFailure({ status: 429, body });
    assert.equal(failure.class, 'rate_limit');
    assert.ok(failure.text.length <= 2000);
    parseRetryHint({ body });
  });
}
