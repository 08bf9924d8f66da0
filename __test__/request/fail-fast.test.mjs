// Failures arrive at once, after as few requests as possible.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { freeze, T0 } from '../support/agent-dir.mjs';
import { failing, finish, frame, rateLimited, reset, sse, stall, text } from '../support/code-assist-server.mjs';
import { ask, server, types } from '../support/request.mjs';

const unavailable = () => failing(503, { message: 'The service is currently unavailable.', status: 'UNAVAILABLE' });
const quick = { retryDelayMs: 1 };

test('a 429 costs one request and says when to come back', async (t) => {
  freeze(t);
  const at = await server(() => rateLimited({ resetAfter: '12m10s' }));
  const began = performance.now();
  const { events, message } = await ask(at);
  const took = Math.ceil(performance.now() - began);
  assert.deepEqual(types(events), ['error']);
  assert.equal(at.requests.length, 1);
  assert.match(message.errorMessage, /^Cloud Code Assist API error \(429\): You have exhausted .* after 12m10s\.$/);
  assert.equal(message.failure.retryAfterMs, 730_000);
  // The wait counts from when the refusal came, which was while we asked.
  const cameAfter = message.failure.resetAt - 730_000 - T0;
  assert.ok(cameAfter >= 0 && cameAfter <= took, `${cameAfter} of ${took} ms`);
  assert.equal(message.failure.requests, 1);
  assert.equal(message.failure.replaySafe, true);
});

test('a 429 is not repeated whatever its reason', async () => {
  for (const reason of ['RATE_LIMIT_EXCEEDED', 'QUOTA_EXHAUSTED', 'MODEL_CAPACITY_EXHAUSTED']) {
    const at = await server(() => rateLimited({ resetAfter: '0.5s', reason }));
    await ask(at, quick);
    assert.equal(at.requests.length, 1, reason);
  }
});

test('other refusals cost one request too', async () => {
  for (const status of [400, 401, 402, 403, 404, 409, 413]) {
    const at = await server(() => failing(status, { message: 'No.', status: 'REFUSED' }));
    const { message } = await ask(at, quick);
    assert.equal(at.requests.length, 1, String(status));
    assert.equal(message.errorMessage, `Cloud Code Assist API error (${status}): No.`);
  }
});

test('a server fault is tried again, at most three times', async () => {
  const recovering = await server((_, index) => (index < 3 ? unavailable() : sse(text('Hi'), finish('STOP'))));
  const { events, message } = await ask(recovering, quick);
  assert.equal(message.stopReason, 'stop');
  assert.equal(types(events).filter((type) => type === 'start').length, 1);
  assert.equal(recovering.requests.length, 4);

  const broken = await server(unavailable);
  const { message: failed } = await ask(broken, quick);
  assert.equal(broken.requests.length, 4);
  assert.equal(failed.failure.requests, 4);
  assert.equal(failed.failure.class, 'overloaded');
});

test('a server that asks for a longer wait is not asked again', async () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '40s' }];
  const at = await server(() => failing(503, { message: 'No capacity available', status: 'UNAVAILABLE', details }));
  const { message } = await ask(at, quick);
  assert.equal(at.requests.length, 1);
  assert.equal(message.failure.retryAfterMs, 40_000);
});

test('a connection that breaks before the answer is tried again', async () => {
  const at = await server((_, index) => (index === 0 ? [reset] : sse(text('Hi'), finish('STOP'))));
  const { message } = await ask(at, quick);
  assert.equal(message.stopReason, 'stop');
  assert.equal(at.requests.length, 2);
});

test('retry "none" sends one request whatever happens', async () => {
  for (const answer of [unavailable, () => [reset], () => sse(), () => rateLimited({ resetAfter: '1s' })]) {
    const at = await server(answer);
    const { message } = await ask(at, { retry: 'none' });
    assert.equal(message.stopReason, 'error');
    assert.equal(at.requests.length, 1);
  }
});

test('retry "short" sits out a short 429, and no long one', async () => {
  const short = await server((_, index) =>
    index === 0 ? rateLimited({ retryDelay: '0.01s' }) : sse(text('Hi'), finish('STOP')),
  );
  const { message } = await ask(short, { ...quick, retry: 'short' });
  assert.equal(message.stopReason, 'stop');
  assert.equal(short.requests.length, 2);

  const long = await server(() => rateLimited({ resetAfter: '36h3m6s', reason: 'QUOTA_EXHAUSTED' }));
  const { message: failed } = await ask(long, { ...quick, retry: 'short' });
  assert.equal(long.requests.length, 1);
  assert.equal(failed.failure.retryAfterMs, 129_786_000);

  const limited = await server(() => rateLimited({ retryDelay: '2s' }));
  await ask(limited, { ...quick, retry: 'short', maxRetryDelayMs: 1000 });
  assert.equal(limited.requests.length, 1);
});

test('an error whose body stalls is reported without it', async () => {
  const head = { status: 429, headers: { 'retry-after': '39' } };
  const at = await server(() => ({ ...head, steps: ['{"error": {"message": "half', stall] }));
  const { message } = await ask(at, { idleTimeoutMs: 0, firstEventTimeoutMs: 0 });
  assert.equal(message.failure.status, 429);
  assert.equal(message.failure.retryAfterMs, 39_000);
});

test('a complete error body is not waited for any longer', async () => {
  const at = await server(() => {
    const { steps, ...rest } = rateLimited({ resetAfter: '39s' });
    return { ...rest, steps: [...steps, stall] };
  });
  const { message } = await ask(at);
  assert.match(message.errorMessage, /after 39s/);
});

test('an error inside a 200 before any event is judged like one of its own', async () => {
  const error = (code, status) => frame({ error: { code, status, message: 'From inside.' } });
  const limited = await server(() => sse(error(429, 'RESOURCE_EXHAUSTED')));
  const { message } = await ask(limited, quick);
  assert.equal(limited.requests.length, 1);
  assert.equal(message.errorMessage, 'Cloud Code Assist API error (429): From inside.');

  const passing = await server((_, index) =>
    index === 0 ? sse(error(503, 'UNAVAILABLE')) : sse(text('Hi'), finish('STOP')),
  );
  assert.equal((await ask(passing, quick)).message.stopReason, 'stop');
});

test('rateLimitText "quota" says nothing that a retry layer looks for', async () => {
  const retryWords =
    /overloaded|provider.?returned.?error|rate.?limit|too many requests|429|500|502|503|504|service.?unavailable|server.?error|internal.?error|network.?error|connection.?error|connection.?refused|connection.?lost|other side closed|fetch failed|upstream.?connect|reset before headers|socket hang up|timed? out|timeout|terminated|retry delay/i;
  const at = await server(() => rateLimited({ resetAfter: '8h20m29s', reason: 'QUOTA_EXHAUSTED' }));
  const { message } = await ask(at, { rateLimitText: 'quota' });
  assert.doesNotMatch(message.errorMessage, retryWords);
  assert.match(message.errorMessage, /exceeded your current quota/);
  assert.equal(message.failure.retryAfterMs, 30_029_000);
});

test('the token of the request never comes back in an error', async () => {
  const echo = (request) => failing(400, { message: `bad header ${request.headers.authorization}`, status: 'X' });
  const at = await server(echo);
  const { message } = await ask(at, { apiKey: JSON.stringify({ token: 'plain-secret-7', projectId: 'p' }) });
  assert.doesNotMatch(JSON.stringify(message), /plain-secret-7/);
});
