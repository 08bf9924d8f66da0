// A program that opens a stream to `baseUrl` and then does what `behaviour` says. Says "first" at its first event.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

import { streamGoogleGeminiCli } from '../../index.js';

const [baseUrl, behaviour] = isMainThread ? process.argv.slice(2) : [workerData.baseUrl, workerData.behaviour];
const say = (words) => (isMainThread ? process.send(words) : parentPort.postMessage(words));

const model = { id: 'gemini-3-pro-preview', baseUrl };
const context = { messages: [{ role: 'user', content: 'Hello' }] };
const apiKey = JSON.stringify({ token: 'token-1', projectId: 'project-1' });
const stream = streamGoogleGeminiCli(model, context, { apiKey });
const iterator = stream[Symbol.asyncIterator]();
await iterator.next();
say('first');

if (behaviour === 'wait') for (;;) await iterator.next();
if (behaviour === 'leave') await iterator.return();
if (behaviour === 'exit') {
  iterator.next();
  process.exit(7);
}
// 'forget': nobody asks for another event.
if (isMainThread) process.disconnect();
