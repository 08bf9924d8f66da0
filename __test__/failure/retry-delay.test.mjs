// extractRetryDelay is pi-ai's function of that name: the same number for every text and header.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractRetryDelay as original } from '@mariozechner/pi-ai/google-gemini-cli';
import fc from 'fast-check';

import { extractRetryDelay } from '../../index.js';
import { errorFixtures } from '../support/error-fixtures.mjs';

const NOW = 1_770_000_000_000;
const same = (...input) => assert.equal(extractRetryDelay(...input), original(...input), JSON.stringify(input));

for (const [text, expected] of [
  ['Your quota will reset after 39s', 40_000],
  ['Your quota will reset after 12m10s.', 731_000],
  ['Your quota will reset after 18h31m10s', 66_671_000],
  ['Your quota will reset after 10m15s', 616_000],
  ['Please retry in 2.5s', 3500],
  ['Please retry in 900.2ms', 1901],
  ['"retryDelay": "34.074824224s"', 35_075],
  ['Your quota will reset after 0s', undefined],
  ['Resets in 9h22m20s', undefined],
  ['', undefined],
]) {
  test(`${text || 'no text'}: ${expected}`, () => {
    assert.equal(extractRetryDelay(text), expected);
    same(text);
  });
}

for (const headers of [
  { 'retry-after': '5' },
  { 'retry-after': '0' },
  { 'retry-after': '-1' },
  { 'retry-after': '0x10' },
  { 'retry-after': '1e2' },
  { 'retry-after': 'Infinity' },
  { 'retry-after': 'Mon, 02 Feb 2026 02:41:30 GMT' },
  { 'retry-after': 'Feb 2 2026 03:41' },
  { 'retry-after': '2026-02-02T02:41:30Z' },
  { 'retry-after': 'soon' },
  { 'retry-after': 'soon', 'x-ratelimit-reset': '1770000060' },
  { 'x-ratelimit-reset': '1770000060 s' },
  { 'x-ratelimit-reset': '12' },
  { 'x-ratelimit-reset-after': '30' },
  { 'x-ratelimit-reset-after': '30.25' },
  { 'x-ratelimit-reset-after': 'x' },
  { 'retry-after': '5', 'x-ratelimit-reset-after': '30' },
]) {
  test(`headers ${JSON.stringify(headers)}`, (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: NOW });
    const text = 'Please retry in 2.5s';
    same(text, new Headers(headers));
    same(text, new Response('', { headers }));
    same(text, { headers: new Headers(headers) });
  });
}

test('the bodies of the conformance suite', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  for (const { headers, body } of errorFixtures) {
    same(body);
    same(body, new Headers(headers));
  }
});

test('pieces of its own patterns in any order', () => {
  const piece = fc.constantFrom(
    ...['reset after ', 'Reset After ', 'please retry in ', 'Please Retry In ', '"retryDelay":', '"RETRYDELAY":'],
    ...[' ', '\n', '\u00a0', '\ufeff', '"', '.', '0', '7', '39', '1.5', '.5', '5.', '1.2.3', '..', '00', '-', '+'],
    ...['h', 'H', 'm', 'M', 's', 'S', 'ms', 'MS', 'ſ', 'reset', ' after ', '9'.repeat(30)],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => same(pieces.join(''))),
    { numRuns: 20_000 },
  );
});

test('any text and any headers', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const value = fc.oneof(
    fc.integer({ min: -10, max: 1e6 }).map(String),
    fc.double({ min: -10, max: 1e6, noNaN: true }).map(String),
    fc.integer({ min: 1_769_999_000, max: 1_770_100_000 }).map(String),
    fc
      .date({ min: new Date(NOW - 1e8), max: new Date(NOW + 1e8), noInvalidDate: true })
      .map((date) => date.toUTCString()),
    fc.stringMatching(/^[ -~]{0,12}$/),
  );
  const names = ['retry-after', 'x-ratelimit-reset', 'x-ratelimit-reset-after'];
  const headers = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), headers, (text, record) => same(text, new Headers(record))),
    { numRuns: 5000 },
  );
});

test('a delay that is not finite is none', () => {
  assert.equal(extractRetryDelay(`reset after ${'9'.repeat(400)}s`), undefined);
});

test('anything without headers is no response', () => {
  for (const response of [undefined, null, 7, 'x', {}, { headers: null }, { headers: { get: 7 } }]) {
    assert.equal(extractRetryDelay('Please retry in 2.5s', response), 3500);
  }
});

test('only a text is a text', () => {
  for (const text of [undefined, null, 7, {}]) {
    assert.throws(() => extractRetryDelay(text), { code: 'ERR_INVALID_ARGUMENT', field: 'errorText' });
  }
});
