// The request body, compared with the original's for conversations that a generator thinks of.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import * as draw from '../support/arbitraries.mjs';
import { finish, sse, text } from '../support/code-assist-server.mjs';
import { both, comparable, ourBody, piBody } from '../support/pi.mjs';
import { context, model, server } from '../support/request.mjs';

test('the body is the original one for any conversation, model and options', async () => {
  await fc.assert(
    fc.asyncProperty(draw.model, draw.context, draw.options, async (someModel, drawn, options) => {
      const someContext = draw.askedOf(someModel, drawn);
      assert.deepEqual(await ourBody(someModel, someContext, options), piBody(someModel, someContext, options));
    }),
    { numRuns: 1500 },
  );
});

test('the simple form means the same for every effort, budget and model', async () => {
  const at = await server(() => sse(text('Hi'), finish('STOP')));
  const efforts = fc.constantFrom(undefined, 'minimal', 'low', 'medium', 'high', 'xhigh');
  const budgets = fc.option(fc.record({ low: fc.constantFrom(1, 5000), high: fc.constant(60_000) }), {
    nil: undefined,
  });
  const limits = fc.constantFrom(undefined, 512, 40_000);
  await fc.assert(
    fc.asyncProperty(draw.model, efforts, budgets, limits, async (someModel, reasoning, thinkingBudgets, maxTokens) => {
      const before = at.requests.length;
      const call = { reasoning, thinkingBudgets, maxTokens, toolChoice: 'any' };
      await both({ ...someModel, baseUrl: at.url }, context({ tools: [] }), call, { simple: true });
      const sent = at.requests.slice(before);
      const [ours, theirs] = ['ours', 'theirs'].map((token) => sent.find((request) => request.token === token));
      assert.deepEqual(comparable(ours.body), comparable(theirs.body));
      assert.equal(ours.path, theirs.path);
    }),
    { numRuns: 60 },
  );
});

test('headers are the same but for what a program says about itself', async () => {
  const at = await server(() => sse(text('Hi'), finish('STOP')));
  const about = ['user-agent', 'x-goog-api-client', 'client-metadata'];
  const transport = [
    'connection',
    'content-length',
    'sec-fetch-mode',
    'accept-language',
    'accept-encoding',
    'authorization',
  ];
  for (const overrides of [{}, { provider: 'google-antigravity', id: 'claude-sonnet-4-5' }, { id: 'claude-x' }]) {
    at.requests.length = 0;
    await both(model({ baseUrl: at.url, ...overrides }), context(), { headers: { 'X-Own': '1', accept: 'text/x' } });
    const [ours, theirs] = ['ours', 'theirs'].map((token) => at.requests.find((request) => request.token === token));
    const left = Object.keys(ours.headers).filter((name) => ![...about, ...transport].includes(name));
    const right = Object.keys(theirs.headers).filter((name) => ![...about, ...transport].includes(name));
    assert.deepEqual(left.sort(), right.sort());
    for (const name of left.filter((it) => it !== 'accept')) assert.equal(ours.headers[name], theirs.headers[name]);
    // fetch joins two spellings of one name; here the caller's replaces ours.
    assert.equal(ours.headers.accept, 'text/x');
    assert.match(theirs.headers.accept, /text\/x/);
  }
});

test('onPayload sees the same body; what it changes in place or returns is sent', async () => {
  const at = await server(() => sse(text('Hi'), finish('STOP')));
  for (const onPayload of [
    async (body) => {
      await null;
      body.request.contents[0].parts[0].text = 'changed in place';
    },
    (body, asked) => ({ ...body, request: { replaced: asked.id } }),
    () => undefined,
    () => null,
  ]) {
    at.requests.length = 0;
    await both(model({ baseUrl: at.url }), context(), { onPayload });
    const [ours, theirs] = ['ours', 'theirs'].map((token) => at.requests.find((request) => request.token === token));
    assert.deepEqual(ours.body && comparable(ours.body), theirs.body && comparable(theirs.body));
  }
});
