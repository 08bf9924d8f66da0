// The two ways to ask, and how they are measured.
import { performance } from 'node:perf_hooks';

import { streamGoogleGeminiCli as original } from '@mariozechner/pi-ai/google-gemini-cli';

import { streamGoogleGeminiCli as own } from '../../index.js';

export const ways = { own, original };

const apiKey = JSON.stringify({ token: 'token', projectId: 'project' });
const model = (baseUrl, id) => ({
  id,
  baseUrl,
  name: id,
  api: 'google-gemini-cli',
  provider: 'google-gemini-cli',
  reasoning: false,
  input: ['text', 'image'],
  cost: { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 },
  contextWindow: 1e6,
  maxTokens: 65_536,
});
const hello = { messages: [{ role: 'user', content: 'Hello', timestamp: 1 }] };

export const open = (way, server, script, { context = hello, ...options } = {}) =>
  ways[way](model(server.url, 'gemini-2.5-pro'), context, { apiKey, headers: { 'x-script': script }, ...options });

/** Reads to the end; the number of events. */
export async function readAll(stream) {
  let events = 0;
  for await (const event of stream) {
    events++;
    if (event.type === 'error') throw new Error(event.error.errorMessage);
  }
  return events;
}

/** Milliseconds in which the loop was active while `work` ran, and milliseconds altogether. */
export async function measure(work) {
  globalThis.gc?.();
  const before = performance.eventLoopUtilization();
  const start = performance.now();
  const result = await work();
  return { active: performance.eventLoopUtilization(before).active, total: performance.now() - start, result };
}

/** The longest turn of the loop while `work` runs, its own call included. */
export async function longestTurn(work) {
  globalThis.gc?.();
  let isDone = false;
  let longest = 0;
  let last = performance.now();
  const running = work().then(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await running;
  return longest;
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Rounds in which the two take turns; each one's median. `run(way)` gives a number. */
export async function takeTurns(rounds, run) {
  const results = { own: [], original: [] };
  for (const way of Object.keys(ways)) await run(way);
  for (let round = 0; round < rounds; round++) {
    for (const way of Object.keys(ways)) results[way].push(await run(way));
  }
  return results;
}
