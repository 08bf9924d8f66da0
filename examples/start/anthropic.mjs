// ANTHROPIC_API_KEY_1=… ANTHROPIC_API_KEY_2=… node anthropic.mjs "Hello"
import Anthropic from '@anthropic-ai/sdk';
import { createFailover, fromEnv } from 'auth-failover';

const accounts = createFailover({ provider: 'anthropic', profiles: fromEnv('ANTHROPIC_API_KEY') });
const anthropic = new Anthropic({ apiKey: 'unused', fetch: accounts.fetch });

const stream = anthropic.messages.stream({
  model: process.env.MODEL ?? 'claude-sonnet-4-5',
  max_tokens: 1024,
  messages: [{ role: 'user', content: process.argv[2] ?? 'Hello' }],
});
stream.on('text', (text) => process.stdout.write(text));
await stream.finalMessage();
process.stdout.write('\n');
