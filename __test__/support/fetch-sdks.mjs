// Every SDK that takes a `fetch`, with its default settings: one question, whole and streamed. `ask` gives the text.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic, { RateLimitError as AnthropicRateLimitError } from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import { InferenceClient, InferenceClientProviderApiError } from '@huggingface/inference';
import { HTTPClient, Mistral } from '@mistralai/mistralai';
import { MistralError } from '@mistralai/mistralai/models/errors';
import { OpenRouter, HTTPClient as OpenRouterHttpClient } from '@openrouter/sdk';
import { generateText, RetryError, streamText } from 'ai';
import { generateText as generateText5, RetryError as RetryError5, streamText as streamText5 } from 'ai5';
import { createAnthropic as createAnthropic5 } from 'ai5-anthropic';
import { createGoogleGenerativeAI as createGoogle5 } from 'ai5-google';
import { createOpenAI as createOpenAI5 } from 'ai5-openai';
import { CohereClient, CohereError } from 'cohere-ai';
import Groq, { RateLimitError as GroqRateLimitError } from 'groq-sdk';
import { Ollama } from 'ollama';
import OpenAI, { RateLimitError } from 'openai';

const apiKey = 'unused';
const messages = [{ role: 'user', content: 'hi' }];

async function joined(stream, textOf) {
  let text = '';
  for await (const part of stream) text += textOf(part) ?? '';
  return text;
}
const chatText = ({ choices }) => choices[0]?.delta?.content;

const aiSdk = (generate, stream, model, more) => ({
  ask: async () => (await generate({ model, prompt: 'hi', ...more })).text,
  stream: () => {
    let fault;
    const { textStream } = stream({ model, prompt: 'hi', ...more, onError: ({ error }) => (fault = error) });
    return joined(textStream, (text) => text).then((text) => {
      if (fault) throw fault;
      return text;
    });
  },
});

/**
 * `{ name: (url, fetch) => { ask, stream? } }`, with the `error` that a limit is, and `retries: true` where the SDK retries
 * a 429 whatever the response says. `more` goes with the options of those whose retries have a name: `maxRetries`.
 */
export const sdks = {
  openai: {
    error: RateLimitError,
    open: (url, fetch, more) => {
      const { chat } = new OpenAI({ apiKey, baseURL: `${url}/v1`, fetch, ...more });
      return {
        ask: async () => (await chat.completions.create({ model: 'm', messages })).choices[0].message.content,
        stream: async () => joined(await chat.completions.create({ model: 'm', messages, stream: true }), chatText),
      };
    },
  },
  'openai responses': {
    error: RateLimitError,
    open: (url, fetch, more) => {
      const { responses } = new OpenAI({ apiKey, baseURL: `${url}/v1`, fetch, ...more });
      return {
        ask: async () => (await responses.create({ model: 'm', input: 'hi' })).output_text,
        stream: async () =>
          joined(await responses.create({ model: 'm', input: 'hi', stream: true }), ({ delta }) => delta),
      };
    },
  },
  '@anthropic-ai/sdk': {
    error: AnthropicRateLimitError,
    open: (url, fetch, more) => {
      const client = new Anthropic({ apiKey, baseURL: url, fetch, ...more });
      const body = { model: 'm', max_tokens: 9, messages };
      return {
        ask: async () => (await client.messages.create(body)).content[0].text,
        stream: () => client.messages.stream(body).finalText(),
      };
    },
  },
  '@google/genai': {
    error: ApiError,
    open: (url, fetch) => {
      const { models } = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url, fetch } });
      const question = { model: 'm', contents: 'hi' };
      return {
        ask: async () => (await models.generateContent(question)).text,
        stream: async () => joined(await models.generateContentStream(question), ({ text }) => text),
      };
    },
  },
  'groq-sdk': {
    error: GroqRateLimitError,
    open: (url, fetch, more) => {
      const { chat } = new Groq({ apiKey, baseURL: url, fetch, ...more });
      return {
        ask: async () => (await chat.completions.create({ model: 'm', messages })).choices[0].message.content,
        stream: async () => joined(await chat.completions.create({ model: 'm', messages, stream: true }), chatText),
      };
    },
  },
  '@mistralai/mistralai': {
    error: MistralError,
    open: (url, fetch) => {
      const { chat } = new Mistral({ apiKey, serverURL: url, httpClient: new HTTPClient({ fetcher: fetch }) });
      return {
        ask: async () => (await chat.complete({ model: 'm', messages })).choices[0].message.content,
        stream: async () => joined(await chat.stream({ model: 'm', messages }), ({ data }) => chatText(data)),
      };
    },
  },
  'cohere-ai': {
    error: CohereError,
    retries: true,
    open: (url, fetch) => ({
      ask: async () =>
        (await new CohereClient({ token: apiKey, environment: url, fetch }).v2.chat({ model: 'm', messages })).message
          .content[0].text,
    }),
  },
  '@huggingface/inference': {
    error: InferenceClientProviderApiError,
    open: (url, fetch) => {
      const client = new InferenceClient('hf_unused', { fetch });
      const question = { model: 'm', messages, endpointUrl: `${url}/v1/chat/completions` };
      return {
        ask: async () => (await client.chatCompletion(question)).choices[0].message.content,
        stream: () => joined(client.chatCompletionStream(question), chatText),
      };
    },
  },
  '@openrouter/sdk': {
    error: Error,
    open: (url, fetch) => {
      const client = new OpenRouter({
        apiKey,
        serverURL: url,
        httpClient: new OpenRouterHttpClient({ fetcher: fetch }),
      });
      return {
        ask: async () => (await client.chat.send({ chatRequest: { model: 'm', messages } })).choices[0].message.content,
      };
    },
  },
  ollama: {
    error: Error,
    open: (url, fetch) => {
      const headers = { authorization: 'Bearer unused' };
      return {
        ask: async () =>
          (await new Ollama({ host: url, headers, fetch }).chat({ model: 'm', messages })).message.content,
      };
    },
  },
  ...Object.fromEntries(
    [
      ['ai 6, @ai-sdk/openai', generateText, streamText, RetryError, createOpenAI, (make, o) => make(o).chat('m')],
      ['ai 6, @ai-sdk/anthropic', generateText, streamText, RetryError, createAnthropic],
      ['ai 6, @ai-sdk/google', generateText, streamText, RetryError, createGoogleGenerativeAI],
      ['ai 5, @ai-sdk/openai', generateText5, streamText5, RetryError5, createOpenAI5, (make, o) => make(o).chat('m')],
      ['ai 5, @ai-sdk/anthropic', generateText5, streamText5, RetryError5, createAnthropic5],
      ['ai 5, @ai-sdk/google', generateText5, streamText5, RetryError5, createGoogle5],
    ].map(([name, generate, stream, error, make, model = (make, options) => make(options)('m')]) => [
      name,
      {
        error,
        retries: true,
        open: (url, fetch, more) => aiSdk(generate, stream, model(make, { apiKey, baseURL: `${url}/v1`, fetch }), more),
      },
    ]),
  ),
};
