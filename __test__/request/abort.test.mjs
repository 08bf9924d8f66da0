// How a caller ends a request: at once, with its own reason, and without a trace.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { requestGeminiCli, streamGoogleGeminiCli } from '../../index.js';
import { failing, finish, rateLimited, sse, stall, text } from '../support/code-assist-server.mjs';
import { apiKey, ask, context, gate, model, server, types } from '../support/request.mjs';

const stalling = () => ({ steps: [...sse(text('Hel')).steps, stall] });

const assertAborted = (message) => {
  assert.equal(message.stopReason, 'aborted');
  assert.equal(message.errorMessage, 'Request was aborted');
  assert.equal(message.failure.class, 'aborted');
  assert.equal(message.failure.causedBy, 'caller');
};

test('a signal that is aborted already sends nothing', async () => {
  const at = await server(stalling);
  const { events, message } = await ask(at, { signal: AbortSignal.abort() });
  assert.deepEqual(types(events), ['error']);
  assertAborted(message);
  assert.equal(message.failure.requests, 0);
  assert.equal(at.requests.length, 0);
});

test('an abort before the response closes the connection', async () => {
  const asked = gate();
  const at = await server(() => {
    asked.open();
    return new Promise(() => {});
  });
  const controller = new AbortController();
  const reading = ask(at, { signal: controller.signal });
  await asked.opened;
  controller.abort();
  assertAborted((await reading).message);
  assert.equal(await at.requests[0].closed, false);
});

test('an abort in the middle keeps what came and closes the connection', async () => {
  const at = await server(stalling);
  const controller = new AbortController();
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), {
    apiKey: apiKey(),
    signal: controller.signal,
  });
  const seen = [];
  for await (const event of stream) {
    seen.push(event.type);
    if (event.type === 'text_delta') controller.abort();
  }
  assert.deepEqual(seen, ['start', 'text_start', 'text_delta', 'error']);
  const message = await stream.result();
  assertAborted(message);
  assert.equal(message.content[0].text, 'Hel');
  assert.equal(message.failure.replaySafe, false);
  assert.equal(await at.requests[0].closed, false);
});

test('an abort after the end changes nothing', async () => {
  const at = await server(() => sse(text('Hi'), finish('STOP')));
  const controller = new AbortController();
  const { message } = await ask(at, { signal: controller.signal });
  controller.abort();
  assert.equal(message.stopReason, 'stop');
});

test('an abort ends the pause before another try, and what had failed is kept', async () => {
  const at = await server(() => failing(503, { message: 'Try later.', status: 'UNAVAILABLE' }));
  const controller = new AbortController();
  const answered = gate();
  const reading = ask(at, { signal: controller.signal, retryDelayMs: 3_600_000, onResponse: answered.open });
  await answered.opened;
  // Another request and its answer: by then the first one waits for its next try.
  await ask(at, { retry: 'none' });
  controller.abort();
  const { message } = await reading;
  assertAborted(message);
  assert.equal(message.failure.requests, 1);
  assert.equal(message.failure.previous.status, 503);
});

test('the promise rejects with the very reason that the caller gave', async () => {
  const at = await server(stalling);
  const reason = new RangeError('enough');
  const controller = new AbortController();
  const asked = requestGeminiCli(model({ baseUrl: at.url }), context(), {
    apiKey: apiKey(),
    signal: controller.signal,
    onResponse: () => controller.abort(reason),
  });
  await assert.rejects(asked, (error) => error === reason);
});

test("a caller's own time limit is the caller's, not a timer of ours", async () => {
  const at = await server(() => new Promise(() => {}));
  const signal = AbortSignal.timeout(5);
  const { message } = await ask(at, { signal });
  assertAborted(message);
  assert.equal(message.cause, signal.reason);
  assert.equal(message.cause.name, 'TimeoutError');
});

test('no listener is left, one signal serves many calls, and onabort is untouched', async () => {
  const at = await server(() => sse(text('Hi'), finish('STOP')));
  const controller = new AbortController();
  let own = 0;
  const onabort = () => {
    own += 1;
  };
  controller.signal.onabort = onabort;
  const before = getEventListeners(controller.signal, 'abort').length;
  for (let i = 0; i < 3; i += 1) await ask(at, { signal: controller.signal });
  assert.equal(getEventListeners(controller.signal, 'abort').length, before);
  assert.equal(controller.signal.onabort, onabort);

  const stuck = await server(stalling);
  const both = [ask(stuck, { signal: controller.signal }), ask(stuck, { signal: controller.signal })];
  controller.abort();
  for (const { message } of await Promise.all(both)) assertAborted(message);
  assert.equal(own, 1);
  assert.equal(getEventListeners(controller.signal, 'abort').length, before);
});

test('leaving the loop closes the connection and settles the result', async () => {
  const at = await server(stalling);
  const { signal } = new AbortController();
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey(), signal });
  for await (const event of stream) if (event.type === 'text_delta') break;
  assert.equal(await at.requests[0].closed, false);
  assertAborted(await stream.result());
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.deepEqual(await stream[Symbol.asyncIterator]().next(), { value: undefined, done: true });
});

test('a next() that waits is settled when another part of the program leaves', async () => {
  const at = await server(() => new Promise(() => {}));
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey() });
  const iterator = stream[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await iterator.return();
  assert.equal((await waiting).done, true);
});

test('an abort in the same moment as a 429 is an abort that tells of the 429', async () => {
  const controller = new AbortController();
  const at = await server(() => rateLimited({ resetAfter: '39s' }));
  const onResponse = () => controller.abort();
  const { message } = await ask(at, { signal: controller.signal, onResponse });
  assertAborted(message);
  assert.equal(message.failure.previous.status, 429);
});
