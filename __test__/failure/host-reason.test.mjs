// The host's own reading of a text or a thrown value, for hosts that have nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classifyFailoverReason, isAbortError, isTimeoutError } from '../../index.js';

for (const [text, expected] of [
  ['Cloud Code Assist API error (429): x', 'rate_limit'],
  ['rate limit', 'rate_limit'],
  ['rate_limit_error', 'rate_limit'],
  ['Too Many Requests', 'rate_limit'],
  ['You exceeded your current quota, please check your plan and billing details', 'rate_limit'],
  ['Resource has been exhausted (e.g. check quota).', 'rate_limit'],
  ['Quota exceeded for metric', 'rate_limit'],
  ['RESOURCE_EXHAUSTED', 'rate_limit'],
  ["You've hit your usage limit", 'rate_limit'],
  ['overloaded_error', 'rate_limit'],
  ['The model is overloaded', 'rate_limit'],
  ['string should match pattern "^[a-zA-Z0-9_-]+$"', 'format'],
  ['messages.1.content.1.tool_use.id: invalid', 'format'],
  ['tool_use_id not found', 'format'],
  ['invalid request format', 'format'],
  ['HTTP 402', 'billing'],
  ['Payment Required', 'billing'],
  ['insufficient credits', 'billing'],
  ['Your credit balance is too low', 'billing'],
  ['see Plans & Billing', 'billing'],
  ['billing: please upgrade', 'billing'],
  ['billing', null],
  ['request timed out', 'timeout'],
  ['Deadline exceeded', 'timeout'],
  ['invalid api key', 'auth'],
  ['invalid_api_key', 'auth'],
  ['InvalidApiKey', 'auth'],
  ['HTTP 401', 'auth'],
  ['HTTP 403', 'auth'],
  ['OAuth token refresh failed', 'auth'],
  ['token has expired', 'auth'],
  ['No credentials found', 'auth'],
  ['to\u212aen: Invalid to\u212aen', 'auth'],
  ['error4029', null],
  ['x401y', null],
  ['image dimensions exceed max allowed size for many-image requests: 2000 pixels, 429', null],
  ['image exceeds 5 MB maximum, 429', null],
  ['something else', null],
  ['', null],
]) {
  test(`${JSON.stringify(text)}: ${expected}`, () => {
    assert.equal(classifyFailoverReason(text), expected);
  });
}

test('the first reason wins: limit, format, billing, timeout, credential', () => {
  const texts = ['429', 'tool_use_id', '402', 'timeout', 'unauthorized'];
  const reasons = ['rate_limit', 'format', 'billing', 'timeout', 'auth'];
  texts.forEach((_, index) => {
    assert.equal(classifyFailoverReason(texts.slice(index).reverse().join(' ')), reasons[index]);
  });
});

test('only a text has a reason', () => {
  for (const value of [undefined, null, 429, {}, new Error('429')]) assert.equal(classifyFailoverReason(value), null);
});

const named = (name, message, more) => Object.assign(new Error(message), { name }, more);

for (const [what, value, timeout, abort] of [
  ['a TimeoutError', named('TimeoutError', 'x'), true, false],
  ['words of a timeout', new Error('context deadline exceeded'), true, false],
  ['a text', 'timed out', true, false],
  ['a plain error', new Error('x'), false, false],
  ['an AbortError', named('AbortError', 'x'), false, true],
  ['an AbortError of a request', named('AbortError', 'Request was aborted'), true, true],
  ['an AbortError caused by a timeout', named('AbortError', 'x', { cause: named('TimeoutError', 'y') }), true, true],
  ['an AbortError with a timeout as its reason', named('AbortError', 'x', { reason: 'timeout' }), true, true],
  ['an error caused by a timeout', named('Error', 'x', { cause: named('TimeoutError', 'y') }), false, false],
  ['words of an abort', new Error('This operation was ABORTED'), false, true],
  ['an object with such words', { message: 'aborted' }, false, true],
  ['a text with such words', 'aborted', false, false],
  ['a symbol', Symbol('timeout'), true, false],
  ['nothing', undefined, false, false],
  ['null', null, false, false],
]) {
  test(`${what}: ${timeout ? 'a timeout' : 'no timeout'}, ${abort ? 'an abort' : 'no abort'}`, () => {
    assert.equal(isTimeoutError(value), timeout);
    assert.equal(isAbortError(value), abort);
  });
}
