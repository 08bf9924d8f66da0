// Every stream ends in exactly one terminal event, and it says what happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { streamGoogleGeminiCli } from '../../index.js';
import {
  call,
  chunk,
  failing,
  finish,
  frame,
  inPieces,
  reset,
  sse,
  stall,
  text,
  thought,
  usage,
  wait,
} from '../support/code-assist-server.mjs';
import { apiKey, ask, context, gate, model, server, types } from '../support/request.mjs';

const once = { retry: 'none' };
const isTerminal = (type) => type === 'done' || type === 'error';

/** Asks a server that gives this answer; checks that the last event and only the last is terminal. */
async function end(answer, options = once) {
  const at = await server(typeof answer === 'function' ? answer : () => answer);
  const { events, message } = await ask(at, options);
  assert.deepEqual(
    types(events).map(isTerminal),
    types(events).map((_, index) => index === events.length - 1),
  );
  return { events, message, requests: at.requests.length };
}

test('an error inside a 200 after a part of the answer is told, and never replayed', async () => {
  const error = { error: { code: 503, status: 'UNAVAILABLE', message: 'Gone.' } };
  const { message, requests } = await end(sse(text('Hel'), frame(error)), { retryDelayMs: 1 });
  assert.equal(requests, 1);
  assert.equal(message.errorMessage, 'Cloud Code Assist API error (503): Gone.');
  assert.equal(message.failure.class, 'overloaded');
  assert.equal(message.failure.eventsDelivered, 3);
  assert.equal(message.failure.replaySafe, false);
  assert.equal(message.content[0].text, 'Hel');
});

test('an error inside a 200 may come as an array of one', async () => {
  const error = [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resets in 2m.' } }];
  const { message } = await end(sse(frame(error)));
  assert.equal(message.failure.status, 429);
  assert.equal(message.failure.retryAfterMs, 120_000);
});

test('an error inside a 200 may come as plain JSON, without any event', async () => {
  const body = JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Full.' } }, null, 2);
  const { message } = await end({ steps: [body] });
  assert.equal(message.errorMessage, 'Cloud Code Assist API error (429): Full.');
});

test('an end without a finish reason is no success', async () => {
  const { events, message } = await end(sse(text('Hel'), text('lo')));
  assert.equal(message.failure.class, 'truncated');
  assert.equal(message.failure.eventsDelivered, 4);
  assert.ok(!types(events).includes('text_end'));
});

/** The server cuts the connection once the reader has seen so many deltas: what is unread would be lost with it. */
async function cutAfter(deltas, answer) {
  const seen = gate();
  const at = await server(() => ({ steps: [...answer.steps, wait(seen.opened), reset] }));
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey() });
  let left = deltas;
  for await (const event of stream) {
    if (event.type === 'text_delta' && --left === 0) seen.open();
  }
  return stream.result();
}

test('a connection that is reset in the middle is no success', async () => {
  const message = await cutAfter(1, sse(text('Hel')));
  assert.equal(message.failure.class, 'truncated');
  assert.match(message.errorMessage, /after 3 events/);
});

test('a connection that is reset after the finish reason changes nothing', async () => {
  const message = await cutAfter(2, sse(text('Hel'), finish('STOP'), text('lo')));
  assert.equal(message.stopReason, 'stop');
});

for (const [name, answer] of [
  ['no event', { steps: [] }],
  ['only comments', { steps: [': hello\n\n', ': still here\n\n'] }],
  ['only an empty list', sse(frame('[]'))],
  ['only token counts', sse(usage({}))],
]) {
  test(`an empty answer (${name}) is tried again twice and then told`, async () => {
    const { events, message, requests } = await end(answer, { retryDelayMs: 1 });
    assert.equal(requests, 3);
    assert.deepEqual(types(events), ['error']);
    assert.equal(message.errorMessage, 'Cloud Code Assist API returned an empty response');
    assert.equal(message.failure.class, 'empty');
  });
}

test('after an empty answer a good one starts once and shows no trace of the empty one', async () => {
  const empty = () => sse(chunk(usage({ prompt: 99 }), { response: { responseId: 'empty' } }));
  const good = () => sse(text('Hi'), finish('STOP', null));
  const { events, message } = await end((_, index) => (index < 2 ? empty() : good()), { retryDelayMs: 1 });
  assert.deepEqual(types(events), ['start', 'text_start', 'text_delta', 'text_end', 'done']);
  assert.equal(message.usage.input, 0);
  assert.equal(message.responseId, undefined);
});

test('thoughts without an answer are an empty answer', async () => {
  const { message, requests } = await end(sse(thought('Hm.'), finish('STOP')), { retryDelayMs: 1 });
  assert.equal(message.failure.class, 'empty');
  assert.equal(requests, 1, 'a part was delivered');
});

test('thoughts that used up the limit end in "length"', async () => {
  const { message } = await end(sse(thought('Hm.'), finish('MAX_TOKENS')));
  assert.equal(message.stopReason, 'length');
});

for (const reason of ['SAFETY', 'RECITATION', 'MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'SOMETHING_NEW']) {
  test(`finish reason ${reason} is told by name`, async () => {
    const { message } = await end(sse(text('Hel'), finish(reason)));
    assert.equal(message.stopReason, 'error');
    assert.equal(message.failure.reason, reason);
    assert.match(message.errorMessage, new RegExp(reason));
    assert.equal(message.failure.rotate, false);
  });
}

test('a call in a turn that the server gave up is not a complete turn', async () => {
  const { message } = await end(sse(call('ls', {}), finish('MALFORMED_FUNCTION_CALL')));
  assert.equal(message.stopReason, 'error');
});

test('a prompt that is blocked is told by its reason', async () => {
  const { message } = await end(sse(frame({ response: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } } })));
  assert.equal(message.failure.reason, 'PROHIBITED_CONTENT');
});

test('the last event counts even when its blank line never came', async () => {
  const { steps } = sse(text('Hi'), finish('STOP'));
  const { message } = await end({ steps: [steps.join('').trimEnd()] });
  assert.equal(message.stopReason, 'stop');
});

for (const [name, ending] of [
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
]) {
  test(`lines may end in ${name}, with a byte order mark, comments and data in several lines`, async () => {
    const pretty = JSON.stringify(JSON.parse(chunk(text('Hi'), finish('STOP')).slice(5)), null, 1);
    const lines = [
      '\ufeff: a comment',
      '',
      'event: message',
      'id: 1',
      'retry: 5',
      ...pretty.split('\n').map((line) => `data:${line}`),
      '',
      '',
    ];
    const { message } = await end(inPieces(7, { steps: [lines.join(ending)] }));
    assert.equal(message.content[0].text, 'Hi');
    assert.equal(message.stopReason, 'stop');
  });
}

test('values in one event, each on its own data line, all count', async () => {
  const data = (...pieces) => chunk(...pieces).trim();
  const { message } = await end({ steps: [`${data(text('Hel'))}\n${data(text('lo'), finish('STOP'))}\n\n`] });
  assert.equal(message.content[0].text, 'Hello');
});

for (const [name, bad] of [
  ['cut JSON', frame('{"response": {"candidates": [')],
  ['no JSON', frame('<html>')],
  ['another shape', frame({ response: { candidates: 'none' } })],
]) {
  test(`a chunk that cannot be read (${name}) is told, not skipped`, async () => {
    const { message } = await end(sse(text('Hel'), bad, text('lo'), finish('STOP')));
    assert.equal(message.stopReason, 'error');
    assert.equal(message.failure.rule, 'malformed-chunk');
    assert.equal(message.content[0].text, 'Hel');
  });
}

test('whatever the bytes, there is one end', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('data:', 'data: {', '\r', '\n\n', '}', '{"response":', '{"error":{}}', '[]', '\ufeff', ':'),
    fc.constant(chunk(text('Hi'))),
    fc.constant(chunk(finish('STOP'))),
  );
  let script;
  const at = await server(() => ({ steps: script.filter((it) => it.length > 0) }));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
      script = pieces;
      const { events, message } = await ask(at, once);
      assert.equal(types(events).filter(isTerminal).length, 1);
      assert.equal(isTerminal(events.at(-1).type), true);
      assert.equal(message.stopReason === 'error', message.failure !== undefined);
    }),
    { numRuns: 300 },
  );
});

test('an event above the limit is told', async () => {
  const { message } = await end(sse(text('x'.repeat(5000)), finish('STOP')), { ...once, maxFrameBytes: 4096 });
  assert.equal(message.failure.rule, 'frame-too-large');
});

test('a large event below the limit arrives whole', async () => {
  const words = 'é🦀'.repeat(1_000_000);
  const { message } = await end(sse(text(words), finish('STOP')));
  assert.equal(message.content[0].text, words);
});

test('a finish reason ends the stream although the connection stays open', async () => {
  const { message } = await end({ steps: [...sse(text('Hi'), finish('STOP')).steps, stall] });
  assert.equal(message.stopReason, 'stop');
});

test('comments after the finish reason do not keep the stream alive', async () => {
  let isOver = false;
  const comments = {
    *[Symbol.iterator]() {
      yield* sse(text('Hi'), finish('STOP')).steps;
      while (!isOver) {
        yield ': still here\n\n';
        yield wait(new Promise((resolve) => setTimeout(resolve, 20)));
      }
    },
  };
  const { message } = await end(() => ({ steps: comments }));
  isOver = true;
  assert.equal(message.stopReason, 'stop');
});

test('what comes right after the finish reason still counts', async () => {
  const { message } = await end(sse(text('Hel'), finish('STOP', null), text('lo'), usage({ total: 9 })));
  assert.equal(message.content[0].text, 'Hello');
  assert.equal(message.usage.totalTokens, 9);
});

test('calls of one turn have different ids, given or not', async () => {
  const same = { call: { id: 'same' } };
  const { message } = await end(
    sse(call('a', {}, same), call('a', {}, same), call('a', {}), call('a'), finish('STOP')),
  );
  const ids = message.content.map((block) => block.id);
  assert.equal(ids[0], 'same');
  assert.equal(new Set(ids).size, 4);
  assert.deepEqual(message.content[3].arguments, {});
});

test('text of the model that talks about errors is no error', async () => {
  const words = '{"error":{"code":429}} data: rate limit [DONE]';
  const { message } = await end(sse(text(words), finish('STOP')));
  assert.equal(message.stopReason, 'stop');
});

test('a surrogate pair that is split between two chunks is whole again', async () => {
  const { message } = await end({
    steps: [
      frame('{"response":{"candidates":[{"content":{"parts":[{"text":"\\ud83e"}]}}]}}'),
      chunk({ parts: [] }),
      frame('{"response":{"candidates":[{"content":{"parts":[{"text":"\\udd80"}]},"finishReason":"STOP"}]}}'),
    ],
  });
  assert.equal(message.content[0].text, '🦀');
});

test('a refusal that is no JSON is shown as words', async () => {
  const { message } = await end(
    failing(502, '<html><title>Bad gateway</title></html>', { 'content-type': 'text/html' }),
  );
  assert.match(message.errorMessage, /^Cloud Code Assist API error \(502\): /);
});
