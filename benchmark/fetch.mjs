// npm run bench:fetch: the `openai` SDK with its own fetch against the same SDK with ours, taking turns in one run.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import OpenAI from 'openai';

import { median, table } from './support/measure.mjs';

const require = createRequire(import.meta.url);
const { createFetch } = require('../entry/fetch/fetch.js');
const { runWithAuthProfiles, settled } = require('../entry/main.js');

const rounds = Number(process.argv[2] ?? 300);
const STREAMS = 50;
const CHUNKS = 200;
const messages = [{ role: 'user', content: 'x'.repeat(2000) }];

const child = fork(new URL('./fetch/server.mjs', import.meta.url));
const [port] = await once(child, 'message');
const baseURL = `http://127.0.0.1:${port}/v1`;

const agentDir = mkdtempSync(join(tmpdir(), 'auth-failover-bench-'));
const profiles = Object.fromEntries(
  Array.from({ length: 5 }, (_, i) => [`acme:${i}`, { type: 'api_key', provider: 'acme', key: `key-${i}` }]),
);
writeFileSync(join(agentDir, 'auth-profiles.json'), JSON.stringify({ version: 1, profiles }));
const run = (params) => runWithAuthProfiles({ provider: 'acme', agentDir, ...params });

const ways = {
  bare: new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0 }),
  ours: new OpenAI({ apiKey: 'unused', baseURL, maxRetries: 0, fetch: createFetch(run) }),
};

async function whole(client) {
  const start = performance.now();
  await client.chat.completions.create({ model: 'm', messages });
  return performance.now() - start;
}

async function firstToken(client, chunks = 3) {
  const start = performance.now();
  const stream = await client.chat.completions.create({ model: 'm', messages, stream: true, metadata: { chunks } });
  let first;
  for await (const { choices } of stream) if (choices[0]?.delta?.content) first ??= performance.now() - start;
  return first;
}

/** Chunks per second of so many streams at once. */
async function throughput(client) {
  const start = performance.now();
  await Promise.all(Array.from({ length: STREAMS }, () => firstToken(client, CHUNKS)));
  return (STREAMS * CHUNKS * 1000) / (performance.now() - start);
}

async function compare(measure, times) {
  const lists = { bare: [], ours: [] };
  for (let round = -Math.ceil(times / 10); round < times; round += 1) {
    // Who goes first changes, so that neither always follows the other.
    for (const name of round % 2 ? ['bare', 'ours'] : ['ours', 'bare']) {
      const value = await measure(ways[name]);
      // The first rounds warm up.
      if (round >= 0) lists[name].push(value);
    }
  }
  return [median(lists.bare), median(lists.ours)];
}

const ms = (value) => `${value.toFixed(3)} ms`;
const rows = [['', 'bare', 'ours', 'difference']];
for (const [name, measure] of Object.entries({ 'an answer': whole, 'first token': firstToken })) {
  const [bare, ours] = await compare(measure, rounds);
  rows.push([name, ms(bare), ms(ours), ms(ours - bare)]);
}
const [bare, ours] = await compare(throughput, Math.max(5, Math.round(rounds / 20)));
const share = `${(((ours - bare) / bare) * 100).toFixed(1)} %`;
rows.push([`chunks a second, ${STREAMS} streams`, bare.toFixed(0), ours.toFixed(0), share]);
table(rows);

await settled();
child.kill();
rmSync(agentDir, { recursive: true, force: true });
