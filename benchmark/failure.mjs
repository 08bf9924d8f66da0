// What it costs to know what a failure means: a 2 kB error body, against the one number that pi-ai takes from it.
import { extractRetryDelay as piExtractRetryDelay } from '@mariozechner/pi-ai/google-gemini-cli';

import { classifyFailoverReason, classifyFailure, extractRetryDelay, parseRetryHint } from '../index.js';
import { microsecondsPerCall, table } from './support/measure.mjs';

const type = (name) => `type.googleapis.com/google.rpc.${name}`;
const link = 'https://cloud.google.com/gemini/docs/quotas';
const body = JSON.stringify(
  [
    {
      error: {
        code: 429,
        message: 'You have exhausted your capacity on this model. Your quota will reset after 19h14m47s.',
        status: 'RESOURCE_EXHAUSTED',
        errors: [{ message: 'Quota exceeded.', domain: 'global', reason: 'rateLimitExceeded' }],
        details: [
          {
            '@type': type('ErrorInfo'),
            reason: 'QUOTA_EXHAUSTED',
            domain: 'cloudcode-pa.googleapis.com',
            metadata: {
              uiMessage: 'true',
              model: 'gemini-3-pro-preview',
              quotaResetDelay: '19h14m47.20964964s',
              quotaResetTimeStamp: '2026-02-02T21:54:47Z',
            },
          },
          {
            '@type': type('QuotaFailure'),
            violations: [
              {
                subject: 'projects/123456789012',
                description: 'The quota of the model is used up for this account.',
                quotaMetric: 'cloudcode-pa.googleapis.com/gemini_3_pro_requests',
                quotaId: 'Gemini3ProRequestsPerDayPerUserPerTier',
                quotaDimensions: { model: 'gemini-3-pro-preview', location: 'global' },
              },
              {
                subject: 'projects/123456789012',
                description: 'The quota of requests per minute is not used up.',
                quotaMetric: 'cloudcode-pa.googleapis.com/gemini_3_pro_requests',
                quotaId: 'Gemini3ProRequestsPerMinutePerUserPerTier',
              },
            ],
          },
          { '@type': type('Help'), links: [{ description: 'Learn more about quotas', url: link }] },
          { '@type': type('RetryInfo'), retryDelay: '69287.209s' },
        ],
      },
    },
  ],
  null,
  2,
);
const headers = new Headers({
  'content-type': 'application/json; charset=UTF-8',
  'x-cloudaicompanion-trace-id': '9f3c1a7e52d04b86',
  vary: 'Origin, X-Origin, Referer',
  date: 'Mon, 02 Feb 2026 02:40:00 GMT',
  server: 'ESF',
  'x-xss-protection': '0',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'server-timing': 'gfet4t7; dur=153',
  'alt-svc': 'h3=":443"; ma=2592000',
});
const record = Object.fromEntries(headers);
const model = 'gemini-3-pro-preview';

const times = microsecondsPerCall({
  "pi-ai's extractRetryDelay": () => piExtractRetryDelay(body, headers),
  "pi-ai's extractRetryDelay + JSON.parse": () => [piExtractRetryDelay(body, headers), JSON.parse(body)],
  extractRetryDelay: () => extractRetryDelay(body, headers),
  'classifyFailure, body alone': () => classifyFailure({ status: 429, body, model }),
  'classifyFailure, headers as a record': () => classifyFailure({ status: 429, headers: record, body, model }),
  'classifyFailure, Headers object': () => classifyFailure({ status: 429, headers, body, model }),
  parseRetryHint: () => parseRetryHint({ headers: record, body }),
  classifyFailoverReason: () => classifyFailoverReason(body),
});

const base = times["pi-ai's extractRetryDelay"];
console.log(
  `body of ${Buffer.byteLength(body)} bytes, 41 rounds of 2000 calls, µs per call and ratio to pi-ai's function`,
);
table([
  ['call', 'median', 'ratio', 'best', 'ratio'],
  ...Object.entries(times).map(([name, time]) => [
    name,
    ...['median', 'best'].flatMap((kind) => [time[kind].toFixed(2), (time[kind] / base[kind]).toFixed(1)]),
  ]),
]);
