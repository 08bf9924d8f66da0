// OPENAI_API_KEY_1=… OPENAI_API_KEY_2=… node fetch.mjs "Hello"
import { createFailover, fromEnv } from 'auth-failover';

const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') });
const base = process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1';

const response = await accounts.fetch(`${base}/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: process.env.MODEL ?? 'gpt-5-mini',
    messages: [{ role: 'user', content: process.argv[2] ?? 'Hello' }],
  }),
});
if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
const { choices } = await response.json();
console.log(choices[0].message.content);
