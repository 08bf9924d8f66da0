// 1,000 streams that are aborted in the middle: nothing may be left.
import { readFileSync } from 'node:fs';

import { open } from './ways.mjs';

const STREAMS = 1000;
const AT_ONCE = 20;

const threads = () => {
  try {
    return Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return Number.NaN;
  }
};
const state = () => {
  globalThis.gc?.();
  return { handles: process.getActiveResourcesInfo().length, threads: threads(), rss: process.memoryUsage().rss / 1e6 };
};

async function abortOne(way, server) {
  const controller = new AbortController();
  const stream = open(way, server, 'silent-1', { signal: controller.signal });
  for await (const event of stream) if (event.type === 'text_delta') controller.abort();
}

async function abortMany(way, server, count) {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => abortOne(way, server)));
  }
}

export async function aborts(server) {
  for (const way of ['own', 'original']) {
    await abortMany(way, server, 100);
    const before = state();
    const start = performance.now();
    await abortMany(way, server, STREAMS);
    const took = performance.now() - start;
    const after = state();
    const grown = (key) => `${key} ${before[key].toFixed(0)} -> ${after[key].toFixed(0)}`;
    console.log(
      `${way.padEnd(10)} ${took.toFixed(0)} ms; ${grown('handles')}, ${grown('threads')}, ${grown('rss')} MB`,
    );
  }
}
