// Bad input ends in the terminal event and names its field; only what pi throws is thrown.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildGeminiCliRequest, streamGoogleGeminiCli, streamSimpleGoogleGeminiCli } from '../../index.js';
import { finish, sse, text } from '../support/code-assist-server.mjs';
import { apiKey, ask, context, model, read, server, types } from '../support/request.mjs';

const at = await server(() => sse(text('Hi'), finish('STOP')));

async function fault({ model: someModel = model({ baseUrl: at.url }), context: someContext = context(), options }) {
  const { events, message } = await read(
    streamGoogleGeminiCli(someModel, someContext, { apiKey: apiKey(), ...options }),
  );
  assert.deepEqual(types(events), ['error']);
  assert.equal(message.failure.requests, 0);
  return message;
}

const circle = {};
circle.self = circle;
const turn = (message) => context({ messages: [message] });

const cases = {
  model: { model: null },
  'model.id': { model: model({ id: undefined }) },
  'model.baseUrl': { model: model({ baseUrl: 'not a url' }) },
  'model.input': { model: model({ input: 'text' }) },
  context: { context: 'hello' },
  'context.messages': { context: {} },
  'context.messages[1].role': {
    context: context({ messages: [...context().messages, { role: 'oracle', content: '' }] }),
  },
  'context.messages[0]': { context: context({ messages: [null] }) },
  'context.messages[0].content': { context: turn({ role: 'assistant' }) },
  'context.messages[0].content[0].text': { context: turn({ role: 'user', content: [{ type: 'text' }] }) },
  'context.messages[0].content[0].type': { context: turn({ role: 'user', content: [{ type: 'audio' }] }) },
  'context.messages[0].content[0].data': { context: turn({ role: 'user', content: [{ type: 'image', data: 7 }] }) },
  'context.systemPrompt': { context: context({ systemPrompt: 7 }) },
  'options.temperature': { options: { temperature: Number.NaN } },
  'options.maxTokens': { options: { maxTokens: 'many' } },
  'options.retry': { options: { retry: 'always' } },
  'options.idleTimeoutMs': { options: { idleTimeoutMs: -1 } },
  'options.proxy': { options: { proxy: 'carrier://pigeon' } },
  'options.signal': { options: { signal: {} } },
  options: { options: { sessionId: '\ud83e' } },
  'options.headers["x-a"]': { options: { headers: { 'x-a': 'one\r\ntwo: 2' } } },
  'options.headers["bad name"]': { options: { headers: { 'bad name': 'x' } } },
  'options.headers.x-n': { options: { headers: { 'x-n': 7 } } },
};

for (const [field, input] of Object.entries(cases)) {
  test(`${field} is named`, async () => {
    const message = await fault(input);
    assert.equal(message.failure.field, field);
    assert.ok(message.errorMessage.startsWith(`${field}: `), message.errorMessage);
    assert.equal(message.failure.rotate, false);
  });
}

for (const [name, value] of [
  ['a circle', circle],
  ['a big integer', 1n],
]) {
  test(`${name} in a tool call is named`, async () => {
    const call = { type: 'toolCall', id: '1', name: 'a', arguments: { value } };
    const message = await fault({ context: turn({ role: 'assistant', content: [call] }) });
    assert.equal(message.failure.field, 'context');
    assert.match(message.errorMessage, /^context: cannot be serialised/);
  });
}

test('what is not sent need not be serialisable', async () => {
  const messages = [
    { role: 'user', content: 'Hi', extra: circle },
    { role: 'toolResult', toolCallId: '1', toolName: 'a', content: [], details: { circle, big: 1n } },
  ];
  const { message } = await ask(at, {}, { context: context({ messages, tools: [] }) });
  assert.equal(message.stopReason, 'stop');
});

for (const [name, key, words] of [
  ['absent', undefined, 'Google Cloud Code Assist requires OAuth authentication. Use /login to authenticate.'],
  ['empty', '', 'Google Cloud Code Assist requires OAuth authentication. Use /login to authenticate.'],
  ['no JSON', 'ya29.secret', 'Invalid Google Cloud Code Assist credentials. Use /login to re-authenticate.'],
  ['null', 'null', 'Invalid Google Cloud Code Assist credentials. Use /login to re-authenticate.'],
  [
    'without a project',
    '{"token":"t"}',
    'Missing token or projectId in Google Cloud credentials. Use /login to re-authenticate.',
  ],
  [
    'without a token',
    '{"projectId":"p"}',
    'Missing token or projectId in Google Cloud credentials. Use /login to re-authenticate.',
  ],
]) {
  test(`an apiKey that is ${name} has its own words`, async () => {
    const message = await fault({ options: { apiKey: key } });
    assert.equal(message.errorMessage, words);
    assert.equal(message.failure.class, 'auth');
  });
}

test('a call without any argument names the first', async () => {
  assert.equal((await streamGoogleGeminiCli().result()).failure.field, 'model');
});

test('the simple form throws without an apiKey, as pi does', () => {
  assert.throws(() => streamSimpleGoogleGeminiCli(model(), context(), {}), {
    message: 'Google Cloud Code Assist requires OAuth authentication. Use /login to authenticate.',
  });
});

test('a token with control characters is refused without being shown', async () => {
  const message = await fault({ options: { apiKey: JSON.stringify({ token: 'se\ncret', projectId: 'p' }) } });
  assert.equal(message.failure.field, 'options.apiKey');
  assert.doesNotMatch(JSON.stringify(message), /cret/);
});

test('unknown options are ignored', async () => {
  const options = { transport: 'auto', convertToLlm: () => {}, metadata: { circle }, cacheRetention: 'short' };
  assert.equal((await ask(at, options)).message.stopReason, 'stop');
});

test('null counts as absent', async () => {
  const options = { signal: null, temperature: null, headers: null, thinking: null, retry: null, proxy: null };
  assert.equal((await ask(at, options)).message.stopReason, 'stop');
});

test('building a request rejects with the field', async () => {
  const built = buildGeminiCliRequest(model({ id: 7 }), context(), { apiKey: apiKey() });
  await assert.rejects(built, { name: 'TypeError', code: 'ERR_INVALID_ARGUMENT', field: 'model.id' });
});

test('a request can be built without being sent, and shows no credential', async () => {
  const built = await buildGeminiCliRequest(model(), context(), { apiKey: apiKey('hidden'), headers: { 'x-a': 'b' } });
  assert.equal(built.url, 'https://cloudcode-pa.googleapis.com/v1internal:streamGenerateContent?alt=sse');
  assert.equal(built.headers['x-a'], 'b');
  assert.equal(built.body.project, 'project-1');
  assert.doesNotMatch(JSON.stringify(built), /hidden/);
});
