// What a stream does to its process: nothing is held, nothing is left, nothing crashes.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { streamGoogleGeminiCli } from '../../index.js';
import { finish, sse, stall, text } from '../support/code-assist-server.mjs';
import { apiKey, ask, context, model, server } from '../support/request.mjs';

const program = fileURLToPath(new URL('../support/streaming-child.mjs', import.meta.url));
const stalling = () => ({ steps: [...sse(text('Hel')).steps, stall] });

for (const [behaviour, expected] of [
  ['leave', 0],
  ['forget', 0],
  ['exit', 7],
]) {
  test(`a program that has opened a stream ends by itself (${behaviour})`, async () => {
    const at = await server(stalling);
    const child = fork(program, [at.url, behaviour]);
    const [code, signal] = await once(child, 'exit');
    assert.deepEqual([code, signal], [expected, null]);
    assert.equal(await at.requests[0].closed, false);
  });
}

test('worker threads load, stream and are terminated, again and again', async () => {
  const at = await server(stalling);
  for (let round = 0; round < 50; round += 1) {
    const worker = new Worker(program, { workerData: { baseUrl: at.url, behaviour: 'wait' } });
    const [words] = await once(worker, 'message');
    assert.equal(words, 'first');
    await worker.terminate();
    assert.equal(await at.requests[round].closed, false);
  }
  // The main thread goes on.
  const { message } = await ask(await server(() => sse(text('Hi'), finish('STOP'))));
  assert.equal(message.stopReason, 'stop');
});

test('aborted streams leave no handle', async () => {
  const at = await server(stalling);
  const abortOne = async () => {
    const controller = new AbortController();
    const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), {
      apiKey: apiKey(),
      signal: controller.signal,
    });
    for await (const event of stream) if (event.type === 'text_delta') controller.abort();
  };
  const round = async () => {
    await Promise.all(Array.from({ length: 25 }, abortOne));
    await Promise.all(at.requests.splice(0).map((request) => request.closed));
    return process.getActiveResourcesInfo().filter((kind) => !kind.includes('Wrap')).length;
  };
  await round();
  const before = await round();
  for (let i = 0; i < 8; i += 1) await round();
  assert.ok((await round()) <= before + 2, `${before} before, more after`);
});

test('a reader who stops holds the server back', async () => {
  const [piece] = sse(text('x'.repeat(60_000))).steps;
  let written = 0;
  const counting = {
    *[Symbol.iterator]() {
      for (let i = 0; i < 1500; i += 1) {
        written += piece.length;
        yield piece;
      }
    },
  };
  const at = await server(({ token }) => (token === 'slow' ? { steps: counting } : sse(text('Hi'), finish('STOP'))));
  const stream = streamGoogleGeminiCli(model({ baseUrl: at.url }), context(), { apiKey: apiKey('slow') });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  for (let i = 0; i < 200; i += 1) await ask(at);
  assert.ok(written < 45_000_000, `${written} of 90,000,000 bytes were taken`);
  await iterator.return();
});
