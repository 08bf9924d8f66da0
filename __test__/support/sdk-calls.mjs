// One call of each SDK, at its current version, against a server at `url`. Every SDK's own retries are off, unless the
// row says otherwise: what it throws after one answer is what a failover layer sees.

import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { InferenceClient } from '@huggingface/inference';
import { Mistral } from '@mistralai/mistralai';
import { OpenRouter } from '@openrouter/sdk';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { generateText, streamText } from 'ai';
import { generateText as generateText5, streamText as streamText5 } from 'ai5';
import { createAnthropic as createAnthropic5 } from 'ai5-anthropic';
import { createGoogleGenerativeAI as createGoogle5 } from 'ai5-google';
import { createOpenAI as createOpenAI5 } from 'ai5-openai';
import axios from 'axios';
import { CohereClient } from 'cohere-ai';
import got from 'got';
import Groq from 'groq-sdk';
import ky from 'ky';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { request } from 'undici';

const apiKey = 'test-key';
const ask = [{ role: 'user', content: 'hi' }];

const anthropicCall = (url, more) =>
  new Anthropic({ apiKey, baseURL: url, maxRetries: 0 }).messages.create({
    model: 'm',
    max_tokens: 8,
    messages: ask,
    ...more,
  });

async function drain(stream) {
  for await (const _ of stream);
}

/** Ends in what the AI SDK keeps from its reader: the error part of a stream. */
async function streamError(start, options) {
  let seen;
  const result = start({ ...options, prompt: 'hi', onError: ({ error }) => (seen = error) });
  await drain(result.fullStream);
  throw seen;
}

/** Ends in what an awaited promise of a stream without output rejects with. */
async function noOutput(start, options) {
  const result = start({ ...options, prompt: 'hi', onError() {} });
  await drain(result.fullStream);
  await result.text;
}

/** `{ name: (url) => promise }`; each rejects with what its SDK throws. */
export const calls = {
  openai: (url) =>
    new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }).chat.completions.create({ model: 'm', messages: ask }),
  'openai responses': (url) =>
    new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }).responses.create({ model: 'm', input: 'hi' }),
  '@anthropic-ai/sdk': anthropicCall,
  '@google/genai': (url) =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } }).models.generateContent({ model: 'm', contents: 'hi' }),
  'groq-sdk': (url) =>
    new Groq({ apiKey, baseURL: url, maxRetries: 0 }).chat.completions.create({ model: 'm', messages: ask }),
  '@mistralai/mistralai': (url) =>
    new Mistral({ apiKey, serverURL: url, retryConfig: { strategy: 'none' } }).chat.complete({
      model: 'm',
      messages: ask,
    }),
  'cohere-ai': (url) =>
    new CohereClient({ token: apiKey, environment: url }).v2.chat({ model: 'm', messages: ask }, { maxRetries: 0 }),
  '@huggingface/inference': (url) =>
    new InferenceClient(apiKey).chatCompletion(
      { model: 'm', messages: ask, endpointUrl: `${url}/v1/chat/completions` },
      { retry_on_error: false },
    ),
  ollama: (url) => new Ollama({ host: url }).chat({ model: 'm', messages: ask }),
  '@openrouter/sdk': (url) =>
    new OpenRouter({ apiKey, serverURL: url, retryConfig: { strategy: 'none' } }).chat.send({
      chatRequest: { model: 'm', messages: ask },
      model: 'm',
      messages: ask,
    }),
  '@aws-sdk/client-bedrock-runtime': (url) =>
    new BedrockRuntimeClient({
      endpoint: url,
      region: 'us-east-1',
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }).send(new ConverseCommand({ modelId: 'm', messages: [{ role: 'user', content: [{ text: 'hi' }] }] })),
  'ai 6, @ai-sdk/openai': (url) =>
    generateText({ model: createOpenAI({ apiKey, baseURL: url }).chat('m'), prompt: 'hi', maxRetries: 0 }),
  'ai 6, @ai-sdk/anthropic': (url) =>
    generateText({ model: createAnthropic({ apiKey, baseURL: url })('m'), prompt: 'hi', maxRetries: 0 }),
  'ai 6, @ai-sdk/google': (url) =>
    generateText({ model: createGoogleGenerativeAI({ apiKey, baseURL: url })('m'), prompt: 'hi', maxRetries: 0 }),
  'ai 6, streamText error part': (url) =>
    streamError(streamText, { model: createOpenAI({ apiKey, baseURL: url }).chat('m'), maxRetries: 0 }),
  'ai 6, streamText without output': (url) =>
    noOutput(streamText, { model: createOpenAI({ apiKey, baseURL: url }).chat('m'), maxRetries: 0 }),
  'ai 5, @ai-sdk/openai': (url) =>
    generateText5({ model: createOpenAI5({ apiKey, baseURL: url }).chat('m'), prompt: 'hi', maxRetries: 0 }),
  'ai 5, @ai-sdk/anthropic': (url) =>
    generateText5({ model: createAnthropic5({ apiKey, baseURL: url })('m'), prompt: 'hi', maxRetries: 0 }),
  'ai 5, @ai-sdk/google': (url) =>
    generateText5({ model: createGoogle5({ apiKey, baseURL: url })('m'), prompt: 'hi', maxRetries: 0 }),
  'ai 5, streamText error part': (url) =>
    streamError(streamText5, { model: createOpenAI5({ apiKey, baseURL: url }).chat('m'), maxRetries: 0 }),
  'ai 5, streamText without output': (url) =>
    noOutput(streamText5, { model: createOpenAI5({ apiKey, baseURL: url }).chat('m'), maxRetries: 0 }),
  axios: (url) => axios.post(url, { model: 'm' }),
  got: (url) => got.post(url, { json: { model: 'm' }, retry: { limit: 0 } }).json(),
  ky: (url) => ky.post(url, { json: { model: 'm' }, retry: 0 }).json(),
  undici: async (url) => {
    const response = await request(url, { method: 'POST', body: '{}' });
    throw Object.assign(new Error('refused'), {
      statusCode: response.statusCode,
      headers: response.headers,
      body: await response.body.json(),
    });
  },
};

/** What the AI SDK throws when it gave up after several tries. */
export const retried = {
  'ai 6, RetryError': (url) =>
    generateText({ model: createOpenAI({ apiKey, baseURL: url }).chat('m'), prompt: 'hi', maxRetries: 1 }),
  'ai 5, RetryError': (url) =>
    generateText5({ model: createOpenAI5({ apiKey, baseURL: url }).chat('m'), prompt: 'hi', maxRetries: 1 }),
};
