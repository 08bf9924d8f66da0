// accounts.stream: an async iterable that fails over until the first item, for generators and the SDKs' own streams.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { createAnthropic } from '@ai-sdk/anthropic';
import Anthropic from '@anthropic-ai/sdk';
import { streamText } from 'ai';
import { streamText as streamText5 } from 'ai5';
import { createAnthropic as createAnthropic5 } from 'ai5-anthropic';
import OpenAI from 'openai';

import { createStream } from '../../entry/stream/stream.js';
import { TEXT } from '../support/api-server.mjs';
import { fetching } from '../support/fetching.mjs';
import { rateLimited } from '../support/runs.mjs';

const messages = [{ role: 'user', content: 'hi' }];

async function streaming(t, conduct = { a: 'good', b: 'good' }) {
  const given = await fetching(t, conduct);
  const run = (params) => given.run(params);
  return { ...given, stream: createStream(run) };
}

async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

suite('a generator', () => {
  test('that fails before its first item is begun for the next account', async (t) => {
    const { stream, booked } = await streaming(t);
    const asked = [];
    const items = stream(async function* ({ apiKey }) {
      asked.push(apiKey);
      if (apiKey === 'a') throw rateLimited(900);
      yield 1;
      yield 2;
    });
    assert.deepEqual(
      [asked, await collect(items)],
      [
        ['a', 'b'],
        [1, 2],
      ],
    );
    assert.equal((await booked()).value.profileId, 'acme:b');
  });

  test('that fails after it ends in its own error, and the account is booked', async (t) => {
    const { stream, booked, dir } = await streaming(t);
    const fault = rateLimited(900);
    const asked = [];
    const items = stream(async function* ({ apiKey }) {
      asked.push(apiKey);
      yield 1;
      throw fault;
    });
    assert.equal((await items.next()).value, 1);
    await assert.rejects(items.next(), (error) => error === fault);
    await booked();
    assert.deepEqual(asked, ['a']);
    assert.ok(dir.stats('acme:a').cooldownUntil > Date.now());
  });

  test('is not begun before somebody asks', async (t) => {
    const { stream, runs } = await streaming(t);
    const items = stream(async function* () {
      yield 1;
    });
    assert.deepEqual(await items.return(), { done: true, value: undefined });
    assert.equal(runs.length, 0);
  });

  test('is ended when the caller has enough: that was an answer', async (t) => {
    const { stream, booked } = await streaming(t);
    let isEnded = false;
    const items = stream(async function* () {
      try {
        for (let i = 0; ; i += 1) yield i;
      } finally {
        isEnded = true;
      }
    });
    for await (const item of items) if (item === 2) break;
    assert.equal((await booked()).value.profileId, 'acme:a');
    assert.equal(isEnded, true);
  });

  test('has a limit of silence that counts while an item is waited for, and not while the caller takes his time', async (t) => {
    const given = await fetching(t, { a: 'good' });
    const stream = createStream(given.run, { idleTimeoutMs: 60 });
    const items = stream(async function* () {
      yield 1;
      yield 2;
      await new Promise(() => {});
    });
    assert.equal((await items.next()).value, 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal((await items.next()).value, 2);
    await assert.rejects(items.next(), { name: 'TimeoutError' });
    assert.equal((await given.booked()).reason.name, 'TimeoutError');
  });

  test('is not cut because this process was busy when the item came', async (t) => {
    const given = await fetching(t, { a: 'good' });
    const stream = createStream(given.run, { idleTimeoutMs: 60 });
    const items = stream(async function* () {
      yield 1;
      await setImmediate();
      const end = performance.now() + 150;
      while (performance.now() < end);
      // Timers come before this turn.
      await setImmediate();
      yield 2;
    });
    assert.deepEqual(await collect(items), [1, 2]);
  });

  test('may give nothing', async (t) => {
    const { stream } = await streaming(t);
    assert.deepEqual(await collect(stream(async function* () {})), []);
  });

  test('gets the signal of its attempt; the caller’s reason comes out', async (t) => {
    const { stream } = await streaming(t);
    const controller = new AbortController();
    const reason = new Error('mine');
    const items = stream({
      signal: controller.signal,
      run: async function* ({ signal }) {
        controller.abort(reason);
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        yield 1;
      },
    });
    await assert.rejects(items.next(), (error) => error === reason);
  });

  test('nobody is left: the error says so, with the last one as its cause', async (t) => {
    const { stream } = await streaming(t);
    const fault = rateLimited(900);
    const items = stream(async () => {
      throw fault;
    });
    await assert.rejects(items.next(), (error) => error.code === 'ERR_NO_PROFILE_AVAILABLE' && error.cause === fault);
  });

  test('that nobody holds any more ends its run', async (t) => {
    const { stream, runs } = await streaming(t);
    await (async () => {
      const items = stream(async function* () {
        yield 1;
        await new Promise(() => {});
      });
      await items.next();
    })();
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    const isOpen = () =>
      Promise.race([runs[0].then(() => false), new Promise((resolve) => setTimeout(resolve, 10, true))]);
    while (await isOpen()) gc();
  });
});

test('what is no stream is the caller’s mistake', async (t) => {
  const { stream } = await streaming(t);
  await assert.rejects(stream(() => 7).next(), TypeError);
});

suite("an SDK's stream", () => {
  const texts = {
    '@anthropic-ai/sdk, messages.stream()': [
      ({ apiKey, url }) =>
        new Anthropic({ apiKey, baseURL: url, maxRetries: 0 }).messages.stream({ model: 'm', max_tokens: 9, messages }),
      ({ delta }) => delta?.text,
    ],
    'openai, chat.completions.create()': [
      ({ apiKey, url }) =>
        new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).chat.completions.create({
          model: 'm',
          messages,
          stream: true,
        }),
      ({ choices }) => choices[0]?.delta?.content,
    ],
    'ai 6, streamText()': [
      ({ apiKey, url }) =>
        streamText({
          model: createAnthropic({ apiKey, baseURL: `${url}/v1` })('m'),
          prompt: 'hi',
          maxRetries: 0,
          onError() {},
        }),
      ({ type, text }) => type === 'text-delta' && text,
    ],
    'ai 5, streamText()': [
      ({ apiKey, url }) =>
        streamText5({
          model: createAnthropic5({ apiKey, baseURL: `${url}/v1` })('m'),
          prompt: 'hi',
          maxRetries: 0,
          onError() {},
        }),
      ({ type, text }) => type === 'text-delta' && text,
    ],
  };
  for (const [name, [open, textOf]] of Object.entries(texts)) {
    for (const act of ['limited', 'lateError', 'hangUp']) {
      test(`${name}: fails over (${act})`, async (t) => {
        const { stream, url, asked } = await streaming(t, { a: act, b: 'good' });
        const items = await collect(stream((context) => open({ ...context, url })));
        assert.equal(items.map((item) => textOf(item) || '').join(''), TEXT);
        assert.deepEqual(asked, ['a', 'b']);
      });
    }
    test(`${name}: an error after content is the last word, and is booked`, async (t) => {
      const { stream, url, asked, booked } = await streaming(t, { a: 'errorAfterContent', b: 'good' });
      const items = stream((context) => open({ ...context, url }));
      let isToldAsItem = false;
      const read = async () => {
        for await (const { type } of items) isToldAsItem ||= type === 'error';
      };
      const thrown = await read().then(
        () => null,
        (error) => error,
      );
      assert.ok(thrown || isToldAsItem);
      assert.equal((await booked()).status, 'rejected');
      assert.deepEqual(asked, ['a']);
    });
  }
});
