// GEMINI_API_KEY_1=… GEMINI_API_KEY_2=… node google-genai.mjs "Hello"
import { GoogleGenAI } from '@google/genai';
import { createFailover, fromEnv } from 'auth-failover';

const accounts = createFailover({ provider: 'google', profiles: fromEnv('GEMINI_API_KEY') });
const google = new GoogleGenAI({ apiKey: 'unused', httpOptions: { fetch: accounts.fetch } });

const stream = await google.models.generateContentStream({
  model: process.env.MODEL ?? 'gemini-2.5-flash',
  contents: process.argv[2] ?? 'Hello',
});
for await (const { text } of stream) process.stdout.write(text ?? '');
process.stdout.write('\n');
