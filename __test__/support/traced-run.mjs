// One run whose first account is refused by a server on loopback and whose second answers.
import { createServer } from 'node:http';
import { requestGeminiCli, runWithAuthProfiles } from '../../index.js';

const agentDir = process.argv[2];
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(429).end('{"error":{"message":"a-refusal"}}'));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${server.address().port}`;
const model = { id: 'gemini-2.5-pro', provider: 'google-gemini-cli', api: 'google-gemini-cli', baseUrl };
const context = { messages: [{ role: 'user', content: 'a-question', timestamp: 0 }] };
const { profileId } = await runWithAuthProfiles({
  provider: 'google-gemini-cli',
  agentDir,
  run: ({ profileId, apiKey }) =>
    profileId === 'a' ? requestGeminiCli(model, context, { apiKey, retry: 'none', proxy: false }) : 'an answer',
});
console.log(profileId);
server.close();
