// Compiled, never run: pi-ai's types fit our functions, and our events and messages fit pi-ai's types.
import type {
  Api,
  AssistantMessage,
  AssistantMessageEvent,
  Context,
  Model,
  SimpleStreamOptions,
  StreamOptions,
} from '@mariozechner/pi-ai';

import {
  buildGeminiCliRequest,
  requestGeminiCli,
  streamGoogleGeminiCli,
  streamSimpleGoogleGeminiCli,
} from '../../index.js';

declare const model: Model<'google-gemini-cli'>;
declare const anyModel: Model<Api>;
declare const context: Context;
declare const options: StreamOptions;
declare const simple: SimpleStreamOptions;

export async function fits(): Promise<AssistantMessage> {
  const thinking = { enabled: true, level: 'HIGH' } as const;
  const stream = streamGoogleGeminiCli(model, context, { ...options, thinking, retry: 'none' });
  for await (const event of stream) {
    const theirs: AssistantMessageEvent = event;
    if (theirs.type === 'text_delta' && event.type === 'text_delta') event.delta.trim();
    if (event.type === 'toolcall_end') event.toolCall.name.trim();
    if (event.type === 'done') event.message.usage.cost.total.toFixed();
    if (event.type === 'error') event.error.failure?.retryAfterMs?.toFixed();
  }
  streamSimpleGoogleGeminiCli(anyModel, context, simple);
  const { url } = await buildGeminiCliRequest(model, context, null);
  const hello = { messages: [{ role: 'user' as const, content: url }] };
  await requestGeminiCli({ id: 'gemini-2.5-pro' }, hello, { apiKey: '{}', identity: { userAgent: 'me' } });
  // @ts-expect-error no such retry mode
  streamGoogleGeminiCli(model, context, { retry: 'always' });
  // @ts-expect-error no such role
  streamGoogleGeminiCli(model, { messages: [{ role: 'oracle', content: '' }] });
  return stream.result();
}
