// A refresh that takes 8 seconds while 200 requests on other accounts go on, in the same process and in another one: their
// times with it and without it. `node benchmark/oauth.mjs [milliseconds]`, after `npm run build`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ask, idOf, logins } from '../__test__/support/logins.mjs';
import { runWithAuthProfiles, settled } from '../index.js';

const DELAY_MS = Number(process.argv[2] ?? 8_000);
const OTHERS = ['b', 'c', 'd', 'e'];
const AT_ONCE = 8;
const asker = fileURLToPath(new URL('../__test__/support/login-asker.mjs', import.meta.url));

const undo = [];
const scope = { after: (act) => undo.push(act) };
let delay = false;
const wait = () => (delay ? new Promise((resolve) => setTimeout(resolve, DELAY_MS)) : undefined);
const expires = Date.now() - 1_000;
const byName = { a: { expires }, warm: { expires }, ...Object.fromEntries(OTHERS.map((name) => [name, {}])) };
const { server, params } = await logins(scope, byName, { beforeAnswer: wait });
const pinned = (name) => ({ ...params, onEvent: undefined, preferredProfile: idOf(name), strategy: 'pinned' });

/** 200 requests of this process; their times. */
async function here() {
  const times = [];
  const left = Array.from({ length: 200 }, (_, index) => OTHERS[index % OTHERS.length]);
  const lane = async () => {
    while (left.length > 0) {
      const started = performance.now();
      await runWithAuthProfiles({ ...pinned(left.shift()), run: (context) => ask(server.apiUrl, context) });
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return times;
}

const argument = { agentDir: params.agentDir, tokenUrl: server.tokenUrl, apiUrl: server.apiUrl };
const child = fork(asker, [JSON.stringify(argument)]);
await once(child, 'message');

/** The same of another process. */
async function elsewhere() {
  child.send({ requests: 50, profileIds: OTHERS.map(idOf), atOnce: AT_ONCE });
  const [outcomes] = await once(child, 'message');
  return outcomes.map(({ tookMs }) => tookMs);
}

function shown(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => `${sorted[Math.floor((sorted.length - 1) * share)].toFixed(1)} ms`;
  return { requests: sorted.length, median: at(0.5), p99: at(0.99), worst: at(1) };
}

// Until both are warm.
for (let round = 0; round < 3; round++) await Promise.all([here(), elsewhere()]);
const rows = {};
for (const [where, measure] of [
  ['this process', here],
  ['another process', elsewhere],
]) {
  const without = [];
  for (let round = 0; round < 5; round++) without.push(...(await measure()));
  rows[`${where}, without a refresh`] = shown(without);
}
delay = true;
const refreshing = runWithAuthProfiles(pinned('a'));
while (server.refreshes.length === 0) await new Promise(setImmediate);
let isOver = false;
refreshing.finally(() => (isOver = true));
for (const [where, measure] of [
  ['this process', here],
  ['another process', elsewhere],
]) {
  const meanwhile = [];
  for (let round = 0; round < 5; round++) meanwhile.push(...(await measure()));
  rows[`${where}, during a refresh`] = shown(meanwhile);
}
console.table(rows);
console.log(isOver ? 'the refresh was over too early: give it longer' : 'the refresh was under way all the time');
await refreshing;
await settled();
child.kill();
for (const act of undo) act();
