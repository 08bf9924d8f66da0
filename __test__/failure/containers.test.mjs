// Every container with every source of a delay gives the same milliseconds.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classifyFailure } from '../../index.js';
import { NOW } from '../support/error-fixtures.mjs';

const SECONDS = 16_099.5;
const type = (name) => `type.googleapis.com/google.rpc.${name}`;
const reason = (metadata) => ({ '@type': type('ErrorInfo'), reason: 'QUOTA_EXHAUSTED', metadata });
const error = (message, ...details) => ({ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', details } });

const sources = {
  'RetryInfo in seconds': error('x', reason(), { '@type': type('RetryInfo'), retryDelay: `${SECONDS}s` }),
  'RetryInfo in milliseconds': error('x', reason(), { '@type': type('RetryInfo'), retryDelay: `${SECONDS * 1000}ms` }),
  'RetryInfo as an object': error('x', reason(), { retryDelay: { seconds: 16_099, nanos: 500_000_000 } }),
  'RetryInfo before ErrorInfo': error('x', { '@type': type('RetryInfo'), retryDelay: `${SECONDS}s` }, reason()),
  'metadata.quotaResetDelay': error('x', reason({ quotaResetDelay: '4h28m19.5s' })),
  'metadata.quotaResetTimeStamp': error('x', reason({ quotaResetTimeStamp: '2026-02-02T07:08:19.500Z' })),
  'message, "reset after"': error('Your quota will reset after 4h28m19.5s.', reason()),
  'message, "Resets in"': error('Individual quota reached. Resets in 4h28m19.5s.', reason()),
  'message, "retry in"': error('Please retry in 16099.5s.', reason()),
  'message, in words': error('Try again in 4 hours, 28 min and 19.5 seconds.', reason()),
  'message, a time': error('Quota resets at 2026-02-02T07:08:19.500Z.', reason()),
};

const containers = {
  object: (body) => JSON.stringify(body),
  indented: (body) => JSON.stringify(body, null, '\t'),
  'list of one': (body) => JSON.stringify([body]),
  'string in message': (body) => JSON.stringify({ error: { code: 429, message: JSON.stringify(body) } }),
  'string in message, twice': (body) =>
    JSON.stringify({ error: { message: JSON.stringify({ error: { code: 429, message: JSON.stringify([body]) } }) } }),
  'JSON in a string': (body) => JSON.stringify(JSON.stringify(body)),
  event: (body) => `data: ${JSON.stringify(body)}\n\n`,
  'event with CRLF and comments': (body) => `: hello\r\n\r\nevent: error\r\ndata:${JSON.stringify(body)}\r\n\r\n`,
  'between words': (body) => `Cloud Code Assist API error (429): ${JSON.stringify(body)} - giving up`,
  'stray commas': (body) => JSON.stringify(body).replaceAll(',', ',\n,').replaceAll('}', ',}'),
  'blanks round the names': (body) => JSON.stringify(body).replace(/"([@\w]+)":/g, '" $1 " : '),
  cut: (body) => JSON.stringify(body).slice(0, -2),
  'bytes, with a byte order mark': (body) => new TextEncoder().encode(`\ufeff${JSON.stringify(body)}`),
  'parsed before': (body) => body,
};

for (const [container, wrap] of Object.entries(containers)) {
  for (const [source, body] of Object.entries(sources)) {
    test(`${container}: ${source}`, () => {
      const failure = classifyFailure({ status: 429, body: wrap(body), now: NOW });
      assert.equal(failure.retryAfterMs, SECONDS * 1000);
      assert.equal(failure.resetAt, NOW + SECONDS * 1000);
      assert.equal(failure.class, 'quota');
      assert.equal(failure.reason, 'QUOTA_EXHAUSTED');
    });
  }
}
