// The errors of the loop, for programs that answer HTTP.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';

import { ask, open, ownDirectory } from '../support/handles.mjs';
import { rateLimited } from '../support/runs.mjs';

const refusal = (status) => Object.assign(new Error('no'), { status });

async function errorFor(t, outcome) {
  ownDirectory(t);
  const accounts = open([{ id: 'me@example.com', apiKey: 'key-one' }], { endpointAttempts: 1 });
  return (await ask(accounts, { 'key-one': outcome })).error;
}

suite('an error of the loop', () => {
  const statuses = { 429: rateLimited(60), 401: refusal(401), 402: refusal(402), 503: refusal(500) };
  for (const [status, outcome] of Object.entries(statuses)) {
    test(`says ${status}`, async (t) => {
      const error = await errorFor(t, outcome);
      assert.equal(error.status, Number(status));
      assert.equal(error.toResponse().status, Number(status));
    });
  }

  test('becomes a response that says when to come back and names no account', async (t) => {
    const error = await errorFor(t, rateLimited(60));
    const response = error.toResponse();
    assert.equal(response.headers.get('retry-after'), String(Math.ceil(error.retryAfterMs / 1000)));
    assert.equal(response.headers.get('retry-after-ms'), String(Math.ceil(error.retryAfterMs)));
    assert.equal(response.headers.get('x-should-retry'), 'false');
    const text = await response.text();
    assert.equal(JSON.parse(text).error.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.doesNotMatch(text, /me@example|key-one/);
  });

  test('does not print how', async (t) => {
    assert.doesNotMatch(inspect(await errorFor(t, rateLimited(60))), /toResponse/);
  });
});
