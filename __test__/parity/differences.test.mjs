// Where this package differs from the original on purpose. Each test shows both sides.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  call,
  chunk,
  failing,
  finish,
  frame,
  rateLimited,
  sse,
  text,
  thought,
} from '../support/code-assist-server.mjs';
import { both } from '../support/pi.mjs';
import { context, model, server } from '../support/request.mjs';

// The original pauses for seconds between its tries; what counts here is how often it asks.
const realSetTimeout = globalThis.setTimeout;
before(() => {
  globalThis.setTimeout = (work, ms, ...rest) => realSetTimeout(work, Math.min(ms, 5), ...rest);
});
after(() => {
  globalThis.setTimeout = realSetTimeout;
});

async function compare(answer, options = {}, conversation = context()) {
  const at = await server(answer);
  const { ours, theirs } = await both(model({ baseUrl: at.url }), conversation, { retryDelayMs: 1, ...options });
  return {
    ours: { ...ours.message, requests: at.countFor('ours') },
    theirs: { ...theirs.message, requests: at.countFor('theirs') },
  };
}

test('a 400 is asked once, not four times', async () => {
  const { ours, theirs } = await compare(() => failing(400, { message: 'Bad.', status: 'INVALID_ARGUMENT' }));
  assert.deepEqual([ours.requests, theirs.requests], [1, 4]);
  assert.equal(ours.errorMessage, theirs.errorMessage);
});

test('a 429 is asked once, not four times', async () => {
  const { ours, theirs } = await compare(() => rateLimited({ retryDelay: '0.1s' }));
  assert.deepEqual([ours.requests, theirs.requests], [1, 4]);
  assert.equal(ours.errorMessage, theirs.errorMessage);
});

test('a wait of hours is reported at once, not after four requests', async () => {
  const { ours, theirs } = await compare(() => rateLimited({ resetAfter: '2h0m0s' }));
  assert.deepEqual([ours.requests, theirs.requests], [1, 4]);
});

test('an end without a finish reason is an error, not a success', async () => {
  const { ours, theirs } = await compare(() => sse(text('Hel')));
  assert.deepEqual([ours.stopReason, theirs.stopReason], ['error', 'stop']);
});

test('an answer of thoughts only is an error, not a success', async () => {
  const { ours, theirs } = await compare(() => sse(thought('Hm.'), finish('STOP')));
  assert.deepEqual([ours.stopReason, theirs.stopReason], ['error', 'stop']);
});

test('the last event is read although its line never ended', async () => {
  const { ours, theirs } = await compare(() => [
    sse(text('Hel')).steps[0],
    chunk(text('lo'), finish('STOP')).trimEnd(),
  ]);
  assert.deepEqual([ours.content[0].text, theirs.content[0].text], ['Hello', 'Hel']);
});

test('data in several lines is one event', async () => {
  const pretty = JSON.stringify(JSON.parse(chunk(text('Hi'), finish('STOP')).slice(5)), null, 1);
  const { ours, theirs } = await compare(() => [`data: ${pretty.replaceAll('\n', '\ndata: ')}\n\n`]);
  assert.equal(ours.content[0].text, 'Hi');
  assert.equal(theirs.stopReason, 'error');
});

test('a chunk that cannot be read is told, not skipped', async () => {
  const { ours, theirs } = await compare(() => sse(text('Hel'), frame('{"resp'), text('lo'), finish('STOP')));
  assert.deepEqual([ours.stopReason, theirs.stopReason], ['error', 'stop']);
});

test('an error inside a 200 is told, not taken for an empty answer', async () => {
  const { ours, theirs } = await compare(() => sse(frame({ error: { code: 429, message: 'Full.' } })));
  assert.equal(ours.errorMessage, 'Cloud Code Assist API error (429): Full.');
  assert.equal(theirs.errorMessage, 'Cloud Code Assist API returned an empty response');
  assert.deepEqual([ours.requests, theirs.requests], [1, 3]);
});

test('a finish reason that is a failure is named', async () => {
  const { ours, theirs } = await compare(() => sse(text('Hel'), finish('SAFETY')));
  assert.equal(ours.errorMessage, 'Cloud Code Assist ended the response with SAFETY');
  assert.equal(theirs.errorMessage, 'An unknown error occurred');
});

test('a call in a turn that failed is not to be made', async () => {
  const { ours, theirs } = await compare(() => sse(call('rm', {}), finish('MALFORMED_FUNCTION_CALL')));
  assert.deepEqual([ours.stopReason, theirs.stopReason], ['error', 'toolUse']);
});

test('an onResponse that throws ends the request, and is not taken for a network error', async () => {
  const onResponse = () => {
    throw new Error('mine');
  };
  const { ours, theirs } = await compare(() => sse(text('Hi'), finish('STOP')), { onResponse });
  assert.deepEqual([ours.errorMessage, theirs.errorMessage], ['mine', 'mine']);
  assert.deepEqual([ours.requests, theirs.requests], [1, 4]);
});

test('a message of an unknown role is refused, not left out', async () => {
  const messages = [{ role: 'oracle', content: 'x' }, ...context().messages];
  const { ours, theirs } = await compare(() => sse(text('Hi'), finish('STOP')), {}, context({ messages }));
  assert.match(ours.errorMessage, /^context\.messages\[0\]\.role: /);
  assert.equal(theirs.stopReason, 'stop');
});
