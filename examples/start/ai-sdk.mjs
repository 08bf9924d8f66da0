// OPENAI_API_KEY_1=… OPENAI_API_KEY_2=… node ai-sdk.mjs "Hello"
import { createOpenAI } from '@ai-sdk/openai';
import { streamText, wrapLanguageModel } from 'ai';
import { createFailover, fromEnv } from 'auth-failover';
import { failoverMiddleware } from 'auth-failover/ai';

const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') });
const modelOf = ({ apiKey }) => createOpenAI({ apiKey }).chat(process.env.MODEL ?? 'gpt-5-mini');
const model = wrapLanguageModel({
  model: modelOf({ apiKey: 'unused' }),
  middleware: failoverMiddleware(accounts, modelOf),
});

const { textStream } = streamText({ model, prompt: process.argv[2] ?? 'Hello' });
for await (const text of textStream) process.stdout.write(text);
process.stdout.write('\n');
