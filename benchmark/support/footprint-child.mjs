// Prints its own resident memory: empty, with the addon, after one request, with open streams.
import { createRequire } from 'node:module';

const [url, streams] = [process.argv[2], Number(process.argv[3])];
const resident = () => {
  globalThis.gc();
  return process.memoryUsage.rss();
};
const model = { id: 'gemini-3-pro-preview', api: 'google-gemini-cli', provider: 'google-gemini-cli', baseUrl: url };
const context = { messages: [{ role: 'user', content: 'Hello', timestamp: 1 }] };
const apiKey = (token) => ({ apiKey: JSON.stringify({ token, projectId: 'project' }) });

const result = { empty: resident() };
const { requestGeminiCli, streamGoogleGeminiCli } = createRequire(import.meta.url)('../../index.js');
result.loaded = resident();
await requestGeminiCli(model, context, apiKey('first'));
result.requested = resident();
const open = Array.from({ length: streams }, () =>
  streamGoogleGeminiCli(model, context, apiKey('open'))[Symbol.asyncIterator](),
);
// Each has received its first words, so each connection is up.
for (const iterator of open) while ((await iterator.next()).value.type !== 'text_delta');
result.streaming = resident();
console.log(JSON.stringify(result));
process.exit(0);
