// What a stream is and what comes out of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { streamGoogleGeminiCli } from '../../index.js';
import {
  call,
  chunk,
  finish,
  inPieces,
  responseId,
  sse,
  text,
  thought,
  usage,
} from '../support/code-assist-server.mjs';
import { apiKey, ask, context, model, read, server, types } from '../support/request.mjs';

const whole = () =>
  sse(
    chunk(thought('Let me see. '), responseId('r-1')),
    thought('🦀 é', { thoughtSignature: 'c2ln' }),
    text('Hel'),
    text('lo\n"you" \u2028'),
    call(
      'ls',
      { path: '/tmp', deep: [1, { a: null }] },
      { call: { id: 'call-1' }, part: { thoughtSignature: 'dG9v' } },
    ),
    finish('STOP', { prompt: 100, cached: 40, candidates: 7, thoughts: 3, total: 110 }),
  );

const expected = [
  'start',
  'thinking_start',
  'thinking_delta',
  'thinking_delta',
  'thinking_end',
  'text_start',
  'text_delta',
  'text_delta',
  'text_end',
  'toolcall_start',
  'toolcall_delta',
  'toolcall_end',
  'done',
];

test('text, thoughts and a tool call arrive as events in order, and the message is their sum', async () => {
  const { events, message } = await ask(await server(whole));
  assert.deepEqual(types(events), expected);
  assert.deepEqual(message.content, [
    { type: 'thinking', thinking: 'Let me see. 🦀 é', thinkingSignature: 'c2ln' },
    { type: 'text', text: 'Hello\n"you" \u2028' },
    {
      type: 'toolCall',
      id: 'call-1',
      name: 'ls',
      arguments: { path: '/tmp', deep: [1, { a: null }] },
      thoughtSignature: 'dG9v',
    },
  ]);
  assert.equal(message.stopReason, 'toolUse');
  assert.equal(message.responseId, 'r-1');
  const { cost, ...tokens } = message.usage;
  assert.deepEqual(tokens, { input: 60, output: 10, cacheRead: 40, cacheWrite: 0, totalTokens: 110 });
  assert.ok(Math.abs(cost.total - (60 * 2 + 10 * 12 + 40 * 0.2) / 1e6) < 1e-12);
});

test('every event shows the message as it was at that event', async () => {
  const { events } = await ask(await server(whole));
  const delta = events.find((event) => event.type === 'text_delta');
  assert.equal(delta.content[1].text, 'Hel');
});

test('wherever the bytes are split, the events are the same', async () => {
  const body = Buffer.from(whole().steps.join(''));
  const unsplit = await ask(await server(() => [body]));
  const at = await server((_, index) =>
    [body.subarray(0, index + 1), body.subarray(index + 1)].filter((it) => it.length),
  );
  const streams = Array.from({ length: body.length }, () => ask(at));
  for (const { events } of await Promise.all(streams)) {
    assert.deepEqual(stable(events), stable(unsplit.events));
  }
});

test('bytes that come one by one give the same events', async () => {
  const { events } = await ask(await server(() => inPieces(1, whole())));
  assert.deepEqual(types(events), expected);
});

test('result() alone drives the stream to its end, and the events are still there afterwards', async () => {
  const at = await server(whole);
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey() });
  const message = await stream.result();
  assert.equal(message.stopReason, 'toolUse');
  const { events } = await read(stream);
  assert.deepEqual(types(events), expected);
});

test('result() inside the loop does not wait for the loop', async () => {
  const at = await server(whole);
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey() });
  const seen = [];
  for await (const event of stream) {
    if (seen.push(event.type) === 1) assert.equal((await stream.result()).stopReason, 'toolUse');
  }
  assert.deepEqual(seen, expected);
});

test('several next() at once get different events, in order', async () => {
  const at = await server(whole);
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey() });
  const iterator = stream[Symbol.asyncIterator]();
  const results = await Promise.all(Array.from({ length: expected.length + 1 }, () => iterator.next()));
  assert.deepEqual(
    results.map(({ value }) => value?.type),
    [...expected, undefined],
  );
});

test('a host may replace the methods, as gateways do', async () => {
  const at = await server(whole);
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey() });
  const original = stream[Symbol.asyncIterator].bind(stream);
  const result = stream.result.bind(stream);
  const seen = [];
  stream[Symbol.asyncIterator] = () => {
    const inner = original();
    return {
      async next() {
        const next = await inner.next();
        if (!next.done) seen.push(next.value.type);
        return next;
      },
    };
  };
  stream.result = async () => ({ ...(await result()), wrapped: true });
  const { message } = await read(stream);
  assert.deepEqual(seen, expected);
  assert.equal(message.wrapped, true);
});

test('the request carries the conversation, the credential and this package as its sender', async () => {
  const at = await server(whole);
  await ask(
    at,
    { temperature: 0.5, maxTokens: 100, sessionId: 's-1', headers: { 'X-Mine': 'yes' } },
    { context: context({ systemPrompt: 'Be brief.', messages: [{ role: 'user', content: 'Hi' }, ...turns] }) },
  );
  const [request] = at.requests;
  assert.equal(request.path, '/v1internal:streamGenerateContent?alt=sse');
  assert.equal(request.token, 'token-1');
  assert.equal(request.project, 'project-1');
  assert.match(request.headers['user-agent'], /^auth-failover\/\d/);
  assert.match(request.body.userAgent, /^auth-failover\/\d/);
  assert.equal(request.headers['x-mine'], 'yes');
  assert.deepEqual(request.body.request, {
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [{ text: 'Hello' }] },
      { role: 'user', parts: [{ text: 'And now?' }] },
    ],
    sessionId: 's-1',
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    generationConfig: { temperature: 0.5, maxOutputTokens: 100 },
  });
});

test('identity is what the caller says about itself, and headers win over it', async () => {
  const at = await server(whole);
  const identity = {
    headers: { 'User-Agent': 'my-gateway/1', 'x-client': 'one' },
    userAgent: 'my-gateway',
    requestType: 'agent',
    systemInstruction: ['I am mine.', 'Really.'],
  };
  await ask(at, { identity, headers: { 'X-Client': 'two' } }, { context: context({ systemPrompt: 'Be brief.' }) });
  const [{ body, headers }] = at.requests;
  assert.equal(headers['user-agent'], 'my-gateway/1');
  assert.equal(headers['x-client'], 'two');
  assert.equal(body.userAgent, 'my-gateway');
  assert.equal(body.requestType, 'agent');
  const parts = ['I am mine.', 'Really.', 'Be brief.'].map((words) => ({ text: words }));
  assert.deepEqual(body.request.systemInstruction, { role: 'user', parts });
});

test('token counts may come in a frame of their own', async () => {
  const at = await server(() => sse(text('Hi'), finish('STOP', null), usage({ prompt: 3, candidates: 4, total: 7 })));
  const { message } = await ask(at);
  assert.equal(message.usage.totalTokens, 7);
  assert.equal(message.stopReason, 'stop');
});

const turns = [
  { role: 'assistant', content: [{ type: 'text', text: 'Hello' }], provider: 'x', model: 'y', stopReason: 'stop' },
  { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
];

// The final message has a time of its own.
const stable = (events) => JSON.stringify(events, (key, value) => (key === 'timestamp' ? 0 : value));
