// When to come back: every form of header and text, and how far each is believed.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseRetryHint } from '../../index.js';

const NOW = 1_770_000_000_000; // 2026-02-02T02:40:00Z
const DAY = 86_400_000;
const wait = (response) => parseRetryHint({ ...response, now: NOW })?.retryAfterMs ?? null;

for (const [name, value, expected] of [
  ['retry-after', '7', 7000],
  ['retry-after', '0', 0],
  ['retry-after', '0.4', 400],
  ['retry-after', ' 7 ', 7000],
  ['retry-after', '2m', 120_000],
  ['retry-after', '-3', null],
  ['retry-after', 'soon', null],
  ['retry-after', '', null],
  ['retry-after', 'NaN', null],
  ['retry-after', 'Infinity', null],
  ['retry-after', 'Mon, 02 Feb 2026 02:41:00 GMT', 60_000],
  ['retry-after', 'Sun, 01 Feb 2026 02:41:00 GMT', 0],
  ['retry-after', '2026-02-02T02:41:00Z', 60_000],
  ['retry-after', '1770000060', 60_000],
  ['retry-after-ms', '1500.2', 1501],
  ['x-ms-retry-after-ms', '250', 250],
  ['x-ratelimit-reset', '60', 60_000],
  ['x-ratelimit-reset', '1770000060', 60_000],
  ['x-ratelimit-reset', '1770000060000', 60_000],
  ['x-ratelimit-reset', '1769999999', 0],
  ['x-ratelimit-reset-ms', '60000', 60_000],
  ['x-ratelimit-reset-ms', '1770000060000', 60_000],
  ['x-ratelimit-reset-after', '0.53', 530],
  ['x-ratelimit-reset-requests', '1m0s', 60_000],
  ['x-ratelimit-reset-tokens', '17ms', 17],
  ['ratelimit-reset', '60', 60_000],
  ['anthropic-ratelimit-tokens-reset', '2026-02-02T02:41:00Z', 60_000],
]) {
  test(`${name}: ${value}`, () => {
    assert.equal(wait({ headers: { [name]: value } }), expected);
  });
}

for (const [text, expected] of [
  ['Your quota will reset after 39s.', 39_000],
  ['Your quota will reset after 12m10s.', 730_000],
  ['Your quota will reset after 1h50m21s.', 6_621_000],
  ['Your quota will reset after 5h8m26s.', 18_506_000],
  ['Your quota will reset after 12h34m16s.', 45_256_000],
  ['Individual quota reached. Resets in 164h27m24s.', 592_044_000],
  ['Daily limit reached, try again in 2hr 15min', 8_100_000],
  ['Please try again in 5 minutes.', 300_000],
  ['Please wait 1 minute and 3 seconds.', 63_000],
  ['Please retry in 41.820516331s.', 41_821],
  ['Please retry in 900.2ms', 901],
  ['retry after 2 seconds', 2000],
  ['Retry-After: 17', 17_000],
  ['rate limited, retryDelay: "3.2s"', 3200],
  ['Your quota will reset after 0s.', 0],
  ['Your quota will reset after -3s.', null],
  ['reset after the weekend', null],
  ['retry in', null],
  ['40 requests in 60s', null],
]) {
  test(text, () => {
    assert.equal(wait({ body: text }), expected);
  });
}

for (const [delay, expected] of [
  ['45.837906927s', 45_838],
  ['391609.795772632s', 391_609_796],
  ['0s', 0],
  ['0.4s', 400],
  ['900ms', 900],
  ['1.5h', 5_400_000],
  ['120h45m2.184334124s', 434_702_185],
  ['60', 60_000],
  [60, 60_000],
  [{ seconds: 60 }, 60_000],
  [{ seconds: '60', nanos: 1 }, 60_001],
  ['-3s', null],
  ['abc', null],
  ['NaNs', null],
  ['Infinity', null],
  ['1e3s', null],
  ['', null],
  [null, null],
  [-5, null],
  [{ seconds: -1 }, null],
  [{ nanos: 1e9 }, null],
  [{}, null],
  [[], null],
  [`${'9'.repeat(1000)}s`, null],
]) {
  test(`retryDelay ${JSON.stringify(delay).slice(0, 40)}`, () => {
    const body = { error: { details: [{ reason: 'QUOTA_EXHAUSTED' }, { retryDelay: delay }] } };
    assert.equal(wait({ body }), expected);
  });
}

test('a relative delay comes before a timestamp', () => {
  const headers = { 'retry-after': '7', 'x-ratelimit-reset': '1770000060' };
  assert.equal(wait({ headers }), 7000);
});

test('of contradicting delays the longest wins, wherever it stands', () => {
  const body = { error: { message: 'Please retry in 9s.', details: [{ retryDelay: '8s' }] } };
  assert.equal(parseRetryHint({ headers: { 'retry-after': '7' }, body, now: NOW }).source, 'message');
  assert.equal(parseRetryHint({ headers: { 'retry-after': '11' }, body, now: NOW }).source, 'header:retry-after');
});

test('of equal delays the structured one is named', () => {
  const body = { error: { message: 'Please retry in 8s.', details: [{ retryDelay: '8s' }] } };
  assert.equal(parseRetryHint({ body, now: NOW }).source, 'retry-info');
});

test('a long wait in words without a quota reason is capped, and says so', () => {
  const hint = parseRetryHint({ body: 'Please retry in 7200s.', now: NOW });
  assert.deepEqual(hint, { retryAfterMs: 300_000, resetAt: NOW + 300_000, source: 'message', trust: 'capped' });
});

test('what counts by minutes tells no hours: words in hours or days are believed whole', () => {
  for (const [body, hours] of [
    ['Please retry in 2h.', 2],
    ['Available again in 17 days 4 hours', 412],
  ]) {
    const hint = parseRetryHint({ body, now: NOW });
    assert.deepEqual([hint.retryAfterMs, hint.trust], [hours * 3_600_000, 'server'], body);
  }
});

for (const [stated, believed, trust] of [
  [7200, 7_200_000, 'server'],
  [86_400, DAY, 'server'],
  [86_401, DAY, 'capped'],
]) {
  test(`a Retry-After header of ${stated} s is a measurement, believed up to a day`, () => {
    const hint = parseRetryHint({ headers: { 'retry-after': String(stated) }, now: NOW });
    assert.deepEqual([hint.retryAfterMs, hint.trust], [believed, trust]);
  });
}

test("the gateway's suffix is the header that it repeats", () => {
  const hint = parseRetryHint({ body: 'Refused; Retry-After: 7200 seconds', now: NOW });
  assert.deepEqual([hint.retryAfterMs, hint.source], [7_200_000, 'header:retry-after']);
});

test('a long wait with a quota reason is trusted', () => {
  const body = { error: { details: [{ reason: 'QUOTA_EXHAUSTED', metadata: { quotaResetDelay: '2h' } }] } };
  assert.deepEqual(parseRetryHint({ body, now: NOW }), {
    retryAfterMs: 7_200_000,
    resetAt: NOW + 7_200_000,
    source: 'quota-reset-delay',
    trust: 'server',
  });
});

const quota = (metadata) => ({ error: { details: [{ reason: 'QUOTA_EXHAUSTED', metadata }] } });
const inDays = (days) => new Date(NOW + days * DAY).toISOString();

for (const [what, response, expected] of [
  ['nine days without a quota reason', { headers: { 'retry-after': String(9 * 86_400) } }, DAY],
  ['two months without a quota reason', { headers: { 'retry-after': inDays(60) } }, null],
  ['nine days with a quota reason, but no timestamp', { body: quota({ quotaResetDelay: '216h' }) }, 9 * DAY],
  ['nine days by timestamp with a quota reason', { body: quota({ quotaResetTimeStamp: inDays(9) }) }, 9 * DAY],
  ['35 days with a quota reason', { body: quota({ quotaResetTimeStamp: inDays(35) }) }, 35 * DAY],
  ['36 days with a quota reason', { body: quota({ quotaResetTimeStamp: inDays(36) }) }, null],
  ['two years by both', { body: quota({ quotaResetDelay: '17520h', quotaResetTimeStamp: inDays(730) }) }, null],
]) {
  test(`plausible or not: ${what}`, () => {
    assert.equal(wait(response), expected);
  });
}

test('a window that is not used up gives way to one that is', () => {
  const headers = {
    'x-ratelimit-remaining-requests': '12',
    'x-ratelimit-reset-requests': '4m',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '30s',
  };
  assert.equal(wait({ headers }), 30_000);
});

test('an empty response says nothing', () => {
  assert.equal(parseRetryHint({}), null);
  assert.equal(parseRetryHint({ headers: new Headers(), body: '' }), null);
});
