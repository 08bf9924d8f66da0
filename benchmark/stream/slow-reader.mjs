// A fast server and a reader who takes an event now and then: the server must be held back, and memory stay flat.
import { open } from './ways.mjs';

const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const PAUSE_MS = 10;
const EVENTS = 150;

async function read(way, server) {
  globalThis.gc?.();
  const before = { rss: process.memoryUsage().rss, bytes: await server.written() };
  const controller = new AbortController();
  const stream = open(way, server, 'flood-20000', { signal: controller.signal });
  let left = EVENTS;
  for await (const _ of stream) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (--left === 0) break;
  }
  const grown = process.memoryUsage().rss - before.rss;
  const bytes = (await server.written()) - before.bytes;
  controller.abort();
  await stream.result();
  return { grown, bytes };
}

export async function slowReader(server) {
  console.log(`the server has 320 MB to say; the reader takes ${EVENTS} events of 16 kB, one each ${PAUSE_MS} ms`);
  for (const way of ['own', 'original']) {
    const { grown, bytes } = await read(way, server);
    console.log(
      `${way.padEnd(10)} server had written ${mb(bytes).padStart(10)}, this process had grown by ${mb(grown).padStart(10)}`,
    );
  }
}
