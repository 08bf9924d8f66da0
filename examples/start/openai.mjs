// OPENAI_API_KEY_1=… OPENAI_API_KEY_2=… node openai.mjs "Hello"
import { createFailover, fromEnv } from 'auth-failover';
import OpenAI from 'openai';

const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') });
const openai = new OpenAI({ apiKey: 'unused', fetch: accounts.fetch });

const stream = await openai.chat.completions.create({
  model: process.env.MODEL ?? 'gpt-5-mini',
  messages: [{ role: 'user', content: process.argv[2] ?? 'Hello' }],
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta?.content ?? '');
process.stdout.write('\n');
