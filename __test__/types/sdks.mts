// The types of what a handle offers for SDKs: the call sites must compile, and wrong options must not.

import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { wrapLanguageModel } from 'ai';
import { createFailover } from 'auth-failover';
import { failoverMiddleware } from 'auth-failover/ai';
import OpenAI from 'openai';

const accounts = createFailover({
  provider: 'openai',
  profiles: ['key'],
  fetch: globalThis.fetch,
  credential: (headers, { apiKey, id }) => headers.set('x-key', `${id} ${apiKey}`),
  maxReplayBytes: 1_000_000,
  sessionKey: ({ headers, model }) => headers.get('x-user') ?? model,
});

export const openai = new OpenAI({ apiKey: 'unused', fetch: accounts.fetch });
export const anthropic = new Anthropic({ apiKey: 'unused', fetch: accounts.withSession('chat').fetch });
export const model = wrapLanguageModel({
  model: createOpenAI({ apiKey: 'unused' })('m'),
  middleware: failoverMiddleware(accounts, ({ apiKey }) => createOpenAI({ apiKey })('m')),
});

/** Items have the type of the source's. */
export async function read(): Promise<string> {
  let text = '';
  const stream = accounts.stream(({ apiKey }) =>
    new Anthropic({ apiKey, maxRetries: 0 }).messages.stream({ model: 'm', max_tokens: 9, messages: [] }),
  );
  for await (const event of stream) if (event.type === 'content_block_delta') text += event.index;
  for await (const part of accounts.stream({
    model: 'm',
    run: async function* () {
      yield 'a';
    },
  }))
    text += part.at(0);
  return text;
}

// @ts-expect-error A place must have a name.
createFailover({ provider: 'p', profiles: ['key'], credential: {} });
// @ts-expect-error Not a size.
createFailover({ provider: 'p', profiles: ['key'], maxReplayBytes: '8 MiB' });
