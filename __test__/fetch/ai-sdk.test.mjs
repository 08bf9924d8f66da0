// auth-failover/ai: the middleware for the AI SDK, versions 5 and 6, whole answers and streams.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, generateText, streamText, wrapLanguageModel } from 'ai';
import {
  APICallError as APICallError5,
  generateText as generateText5,
  streamText as streamText5,
  wrapLanguageModel as wrapLanguageModel5,
} from 'ai5';
import { createAnthropic as createAnthropic5 } from 'ai5-anthropic';
import { createOpenAI as createOpenAI5 } from 'ai5-openai';

import { failoverMiddleware } from '../../entry/ai/index.js';
import { TEXT } from '../support/api-server.mjs';
import { fetching } from '../support/fetching.mjs';

const chat = (make) => (options) => make(options).chat('m');
const plain = (make) => (options) => make(options)('m');
const versions = {
  'ai 6, openai': [generateText, streamText, wrapLanguageModel, APICallError, chat(createOpenAI)],
  'ai 6, anthropic': [generateText, streamText, wrapLanguageModel, APICallError, plain(createAnthropic)],
  'ai 5, openai': [generateText5, streamText5, wrapLanguageModel5, APICallError5, chat(createOpenAI5)],
  'ai 5, anthropic': [generateText5, streamText5, wrapLanguageModel5, APICallError5, plain(createAnthropic5)],
};

for (const [name, [generate, stream, wrap, CallError, make]] of Object.entries(versions)) {
  describe(name, () => {
    const wrapped = async (t, conduct) => {
      const given = await fetching(t, conduct);
      const { run, url } = given;
      const modelFor = ({ apiKey }) => make({ apiKey, baseURL: `${url}/v1` });
      const model = wrap({ model: modelFor({ apiKey: 'unused' }), middleware: failoverMiddleware({ run }, modelFor) });
      return { ...given, model };
    };
    /** The text, or the error that the SDK tells. */
    const read = async (model, rest = {}) => {
      let fault;
      const { textStream } = stream({ model, prompt: 'hi', onError: ({ error }) => (fault = error), ...rest });
      let text = '';
      for await (const part of textStream) text += part;
      return { text, fault };
    };

    test('an answer: the next account is asked, once each', async (t) => {
      const { model, asked, booked } = await wrapped(t, { a: 'limited', b: 'overloaded', c: 'good' });
      assert.equal((await generate({ model, prompt: 'hi' })).text, TEXT);
      assert.deepEqual(asked, ['a', 'b', 'c']);
      assert.equal((await booked()).value.profileId, 'acme:c');
    });

    test('an answer: nobody is left, and the SDK’s own error comes at once', async (t) => {
      const { model, asked } = await wrapped(t, { a: 'limited', b: 'limited' });
      await assert.rejects(
        generate({ model, prompt: 'hi' }),
        (error) => CallError.isInstance(error) && error.statusCode === 429,
      );
      assert.deepEqual(asked, ['a', 'b']);
    });

    for (const act of ['limited', 'lateError', 'cutBefore']) {
      test(`a stream (${act}): the next account is asked`, async (t) => {
        const { model, asked, booked } = await wrapped(t, { a: act, b: 'good' });
        assert.deepEqual(await read(model), { text: TEXT, fault: undefined });
        assert.deepEqual(asked, ['a', 'b']);
        assert.equal((await booked()).value.profileId, 'acme:b');
      });
    }

    test('a stream: an error after content is told, and booked', async (t) => {
      const { model, asked, booked } = await wrapped(t, { a: 'errorAfterContent', b: 'good' });
      const { text, fault } = await read(model);
      assert.equal(text, TEXT);
      assert.ok(fault);
      assert.equal((await booked()).status, 'rejected');
      assert.deepEqual(asked, ['a']);
    });

    test('a stream: nobody is left, and the SDK tells its own error once', async (t) => {
      const { model, asked } = await wrapped(t, { a: 'limited', b: 'limited' });
      const { fault } = await read(model);
      assert.ok(CallError.isInstance(fault), String(fault));
      assert.deepEqual(asked, ['a', 'b']);
    });

    test('the caller’s signal ends it', async (t) => {
      const controller = new AbortController();
      const mute = () => controller.abort(new Error('mine'));
      const { model, asked } = await wrapped(t, { a: mute, b: 'good' });
      await assert.rejects(generate({ model, prompt: 'hi', abortSignal: controller.signal }), /mine/);
      assert.deepEqual(asked, ['a']);
    });
  });
}
