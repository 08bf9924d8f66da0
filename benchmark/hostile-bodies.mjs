// Bodies made to hurt: ten times the length may take ten times as long, not more.
import { classifyFailoverReason, classifyFailure, extractRetryDelay, parseRetryHint } from '../index.js';
import { median, table } from './support/measure.mjs';

const MEGABYTE = 1_000_000;

const bodies = {
  'open brackets': (size) => '['.repeat(size),
  'open braces': (size) => '{'.repeat(size),
  'nested objects': (size) => '{"error":'.repeat(size / 9),
  'nested, closed': (size) => `${'['.repeat(size / 2)}${']'.repeat(size / 2)}`,
  'an error after nesting': (size) => `[${'['.repeat(size / 2)}${']'.repeat(size / 2)},{"error":{"code":429}}]`,
  quotes: (size) => '"'.repeat(size),
  backslashes: (size) => `{"error":"${'\\'.repeat(size)}`,
  'braces in words': (size) => 'x {'.repeat(size / 3),
  commas: (size) => `{"error":{${','.repeat(size)}`,
  digits: (size) => '9'.repeat(size),
  'a delay of digits': (size) => `{"error":{"details":[{"retryDelay":"${'9'.repeat(size)}s"}]}}`,
  'a fraction of digits': (size) => `Your quota will reset after 0.${'1'.repeat(size)}s`,
  announcements: (size) => 'reset after '.repeat(size / 12),
  'announcements, digits': (size) => 'reset after 9'.repeat(size / 13),
  statuses: (size) => 'error 99 '.repeat(size / 9),
  members: (size) => `{"error":{${'"a":1,'.repeat(size / 6)}"code":429}}`,
  'equal members': (size) => `{"error":{${'"error":1,'.repeat(size / 10)}"code":429}}`,
  details: (size) => `{"error":{"details":[${'{"reason":"A"},'.repeat(size / 15)}{}]}}`,
  texts: (size) => `{"error":{"details":[${'{"message":"rate limit, quota"},'.repeat(size / 32)}{}]}}`,
  'long texts': (size) =>
    `{"error":{"details":[${`{"message":"${'reset after 9h '.repeat(4000)}"},`.repeat(size / 60_000)}{}]}}`,
  lines: (size) => '{"a":1}\n'.repeat(size / 8),
  events: (size) => 'data: {"a":1}\n\n'.repeat(size / 15),
  'one long event': (size) => 'data: 1\n'.repeat(size / 8),
  'a nested string': (size) =>
    JSON.stringify({ error: { message: JSON.stringify({ error: { message: 'x'.repeat(size) } }) } }),
  secrets: (size) => 'Bearer ya29.x '.repeat(size / 14),
  markup: (size) => '<p>'.repeat(size / 3),
  text: (size) => 'rate limit, quota, 429; '.repeat(size / 24),
};

const calls = {
  classifyFailure: (body) => classifyFailure({ status: 429, body }),
  parseRetryHint: (body) => parseRetryHint({ body }),
  extractRetryDelay: (body) => extractRetryDelay(body),
  classifyFailoverReason: (body) => classifyFailoverReason(body),
};

function milliseconds(call, body) {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    call(body);
    return performance.now() - start;
  });
  return median(times);
}

const rows = [['body', ...Object.keys(calls).flatMap((name) => [`${name} 1 MB`, '10 MB', 'growth'])]];
for (const [name, make] of Object.entries(bodies)) {
  const small = make(MEGABYTE);
  const large = make(10 * MEGABYTE);
  const cells = Object.values(calls).flatMap((call) => {
    const [one, ten] = [milliseconds(call, small), milliseconds(call, large)];
    return [`${one.toFixed(1)} ms`, `${ten.toFixed(1)} ms`, `x${(ten / one).toFixed(1)}`];
  });
  rows.push([name, ...cells]);
}
table(rows);
