// runWithAuthProfiles: a stream that is returned before anybody has read it is told about, once for each kind.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { streamText } from 'ai';
import { streamText as streamText5 } from 'ai5';
import { createOpenAI as createOpenAI5 } from 'ai5-openai';
import OpenAI from 'openai';

import { runWithAuthProfiles } from '../../index.js';
import { accounts, run } from '../support/runs.mjs';
import { chat, message, provider } from '../support/streaming-provider.mjs';

const ask = [{ role: 'user', content: 'hi' }];

/** Which streams a run with this function is warned of, by name. */
async function warnedOf(t, run, conduct = { a: chat(['Once']) }) {
  const { url, dir } = await provider(t, conduct);
  const names = [];
  const listen = ({ code, message }) => {
    if (code !== 'WARN_UNREAD_STREAM') return;
    assert.match(message, /read it inside run, and call deliver\(\)/);
    names.push(message.match(/\(([^)]*)\)/)[1]);
  };
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  const read = (context) => run({ ...context, url });
  const { result } = await runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run: read });
  // Warnings come a turn after what they warn of.
  await new Promise(setImmediate);
  return { names, result };
}

async function text(stream) {
  let whole = '';
  for await (const part of stream) whole += part;
  return whole;
}

const namedIterable = (name) => {
  const { [name]: Named } = {
    [name]: class {
      async *[Symbol.asyncIterator]() {
        yield 'Once';
      }
    },
  };
  return new Named();
};

suite('a stream that asks the server later', () => {
  test('@anthropic-ai/sdk: messages.stream()', async (t) => {
    const stream = ({ apiKey, url }) =>
      new Anthropic({ apiKey, baseURL: url, maxRetries: 0 }).messages.stream({
        model: 'm',
        max_tokens: 9,
        messages: ask,
      });
    const { names, result } = await warnedOf(t, stream, { a: message('Once upon') });
    assert.deepEqual(names, ['MessageStream']);
    assert.equal(await result.finalText(), 'Once upon');
  });

  test('openai: chat.completions.stream(), even behind an async function', async (t) => {
    const stream = async ({ apiKey, url }) =>
      new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }).chat.completions.stream({ model: 'm', messages: ask });
    const { names, result } = await warnedOf(t, stream);
    assert.deepEqual(names, ['ChatCompletionStream']);
    assert.equal(await result.finalContent(), 'Once');
  });

  for (const [name, start, create] of [
    ['ai 6', streamText, createOpenAI],
    ['ai 5', streamText5, createOpenAI5],
  ]) {
    test(`${name}: streamText(), behind an async function, whose streams stay whole`, async (t) => {
      class Own {}
      const stream = async ({ apiKey, url }) => {
        const result = start({ model: create({ apiKey, baseURL: url }).chat('m'), prompt: 'hi', maxRetries: 0 });
        // Both versions call their class the same, and one kind is told about once.
        return new Proxy(result, { get: (it, key) => (key === 'constructor' ? Own : Reflect.get(it, key, it)) });
      };
      Object.defineProperty(Own, 'name', { value: name });
      const { names, result } = await warnedOf(t, stream);
      assert.deepEqual(names, [name]);
      assert.equal(await text(result.textStream), 'Once');
    });
  }

  test('has a promise of its end, as our own request has', async (t) => {
    const stream = async () => Object.assign(namedIterable('Promising'), { result: async () => 'Once' });
    assert.deepEqual((await warnedOf(t, stream)).names, ['Promising']);
  });

  test('an async generator, a web stream', async (t) => {
    async function* generate() {
      yield 'Once';
    }
    const generated = await warnedOf(t, () => generate());
    assert.deepEqual(generated.names, ['AsyncGenerator']);
    assert.equal(await text(generated.result), 'Once');
    const stream = () => ReadableStream.from(['Once']);
    assert.deepEqual((await warnedOf(t, stream)).names, ['ReadableStream']);
  });

  test('has no name: it is told about all the same', async (t) => {
    const stream = () => ({ [Symbol.asyncIterator]: () => ({}) });
    assert.deepEqual((await warnedOf(t, stream)).names, ['async iterable']);
  });

  test('is booked as used, and not as good', async (t) => {
    const dir = accounts(t, ['a'], { usageStats: { a: { errorCount: 2 } } });
    await run(dir, {}, { run: () => namedIterable('Unread') }).answer;
    const { errorCount, lastUsed } = dir.stats('a');
    assert.deepEqual([errorCount, lastUsed > 0, dir.json().lastGood], [2, true, undefined]);
  });

  test('is told about once for each kind', async (t) => {
    assert.deepEqual((await warnedOf(t, () => namedIterable('Kind'))).names, ['Kind']);
    assert.deepEqual((await warnedOf(t, () => namedIterable('Kind'))).names, []);
    assert.deepEqual((await warnedOf(t, () => namedIterable('OtherKind'))).names, ['OtherKind']);
  });
});

suite('nothing is told', () => {
  for (const [name, run] of [
    ['of a Response', ({ url, apiKey }) => fetch(url, { headers: { 'x-api-key': apiKey } })],
    [
      'of a stream that was awaited, because the server has said yes',
      ({ apiKey, url }) =>
        new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }).chat.completions.create({
          model: 'm',
          messages: ask,
          stream: true,
        }),
    ],
    [
      'if the attempt gave a sign of life',
      ({ progress }) => {
        progress();
        return namedIterable('Seen');
      },
    ],
    ['of a list', () => ['Once', 'upon']],
    ['of a text', () => 'Once upon'],
    ['of nothing', () => null],
  ]) {
    test(name, async (t) => {
      assert.deepEqual((await warnedOf(t, run)).names, []);
    });
  }
});
