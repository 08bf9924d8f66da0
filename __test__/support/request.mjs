// What the tests of the request share: a model, a call, and reading a stream to its end.
import { after } from 'node:test';

import * as addon from '../../index.js';
import { startCodeAssistServer } from './code-assist-server.mjs';

/** A server that is closed when the file's tests are done. */
export async function server(answer, options = {}) {
  const started = await startCodeAssistServer({ answer, ...options });
  after(() => started.close());
  return started;
}

export const model = (overrides) => ({
  id: 'gemini-3-pro-preview',
  name: 'test',
  api: 'google-gemini-cli',
  provider: 'google-gemini-cli',
  reasoning: true,
  input: ['text', 'image'],
  cost: { input: 2, output: 12, cacheRead: 0.2, cacheWrite: 0 },
  contextWindow: 1_000_000,
  maxTokens: 64_000,
  ...overrides,
});

export const context = (overrides) => ({
  messages: [{ role: 'user', content: 'Hello', timestamp: 1 }],
  ...overrides,
});

export const apiKey = (token = 'token-1') => JSON.stringify({ token, projectId: 'project-1' });

/** Reads a stream: `{ events, message }`, the events as they were when they came. */
export async function read(stream) {
  const events = [];
  for await (const event of stream) events.push(shown(event));
  return { events, message: await stream.result() };
}

const shown = ({ partial, ...event }) => structuredClone({ ...event, ...(partial && { content: partial.content }) });

/** Asks `target` (a server, or a baseUrl) and reads the answer. */
export const ask = (target, options, where = {}) =>
  read(
    addon.streamGoogleGeminiCli(model({ baseUrl: target.url ?? target, ...where.model }), where.context ?? context(), {
      apiKey: apiKey(),
      ...options,
    }),
  );

export const types = (events) => events.map((event) => event.type);

/** A promise and the function that settles it. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
