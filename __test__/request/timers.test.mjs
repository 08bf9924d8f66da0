// Four timers of ours, each with its name; none of them is mistaken for an abort.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { requestGeminiCli, streamGoogleGeminiCli } from '../../index.js';
import { finish, sse, stall, text, wait } from '../support/code-assist-server.mjs';
import { apiKey, ask, context, gate, model, server } from '../support/request.mjs';

const silent = () => new Promise(() => {});

function assertTimedOut(message, phase) {
  assert.equal(message.stopReason, 'error');
  assert.equal(message.failure.class, 'timeout');
  assert.equal(message.failure.phase, phase);
  assert.equal(message.failure.causedBy, 'addon');
  assert.match(message.errorMessage, /timeout/);
}

test('no response in time', async () => {
  const at = await server(silent);
  const { message } = await ask(at, { firstEventTimeoutMs: 20 });
  assertTimedOut(message, 'first_event');
  assert.equal(message.failure.requests, 1);
  assert.equal(await at.requests[0].closed, false);
});

test('a response without an event in time', async () => {
  const at = await server(() => ({ steps: [': hello\n\n', stall] }));
  assertTimedOut((await ask(at, { firstEventTimeoutMs: 20 })).message, 'first_event');
});

test('silence in the middle', async () => {
  const at = await server(() => ({ steps: [...sse(text('Hel')).steps, stall] }));
  const { message } = await ask(at, { idleTimeoutMs: 20 });
  assertTimedOut(message, 'idle');
  assert.equal(message.content[0].text, 'Hel');
});

test('not complete in time', async () => {
  const at = await server(() => ({ steps: [...sse(text('Hel')).steps, stall] }));
  assertTimedOut((await ask(at, { totalTimeoutMs: 20, idleTimeoutMs: 0, firstEventTimeoutMs: 0 })).message, 'total');
});

test('no connection in time', async () => {
  // A TLS client waits for the server's first word; this one never says any.
  const mute = createServer(() => {});
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { message } = await ask(`https://127.0.0.1:${mute.address().port}`, { connectTimeoutMs: 20, retry: 'none' });
  assertTimedOut(message, 'connect');
  mute.close();
});

test('a timer that is off never fires', async () => {
  const release = gate();
  const at = await server(() => ({ steps: [wait(release.opened), ...sse(text('Hi'), finish('STOP')).steps] }));
  const asked = ask(at, { firstEventTimeoutMs: 0, idleTimeoutMs: 0, totalTimeoutMs: 0, connectTimeoutMs: 0 });
  // Another call with the shortest timer has given up by now.
  await ask(await server(silent), { firstEventTimeoutMs: 1 });
  release.open();
  assert.equal((await asked).message.stopReason, 'stop');
});

test('a slow reader is not a silent server', async () => {
  const at = await server(() => sse(...Array.from({ length: 3000 }, () => text('x'.repeat(1000))), finish('STOP')));
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey(), idleTimeoutMs: 30 });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  // The reader pauses for longer than the timer; the server is held back by it.
  await ask(await server(silent), { firstEventTimeoutMs: 90 });
  assert.equal((await stream.result()).stopReason, 'stop');
});

test('the promise rejects with a TimeoutError that carries the record', async () => {
  const at = await server(silent);
  const asked = requestGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey(), firstEventTimeoutMs: 10 });
  await assert.rejects(asked, (error) => {
    assert.equal(error.name, 'TimeoutError');
    assert.equal(error.code, 'ERR_TIMEOUT');
    assert.equal(error.failure.phase, 'first_event');
    return true;
  });
});
