// How long another process's mark takes to arrive: from its call there to our callback with the store, against
// fs.watchFile, which asks ten times a second, with a read and a JSON.parse.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { watchAuthProfiles } from '../../index.js';
import { makeStore } from './fixture.mjs';
import { compare, ms, spread } from './report.mjs';

const PROFILES = 6;
const POLL_MS = 100;

async function native({ agentDir }, tell) {
  const watch = await watchAuthProfiles({ agentDir, onChange: ({ store }) => tell(store) });
  return watch.close;
}

async function polled({ file }, tell) {
  const poll = () => tell(JSON.parse(readFileSync(file, 'utf8')));
  watchFile(file, { interval: POLL_MS }, poll);
  await setTimeout(2 * POLL_MS);
  return () => unwatchFile(file, poll);
}

async function arrivals(way, rounds) {
  const fixture = makeStore(PROFILES);
  let heard = () => {};
  const stop = await way(fixture, () => heard(process.hrtime.bigint()));
  const marker = fileURLToPath(new URL('./marker.mjs', import.meta.url));
  const child = fork(marker, [fixture.agentDir, String(PROFILES)]);
  await once(child, 'message');
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const arrival = new Promise((resolve) => {
      heard = resolve;
    });
    const begin = once(child, 'message');
    child.send('mark');
    times.push(Number((await arrival) - BigInt((await begin)[0])) / 1e6);
    // Not in step with the poll.
    await setTimeout(50 + Math.random() * POLL_MS);
  }
  child.disconnect();
  await once(child, 'exit');
  stop();
  fixture.remove();
  return spread(times);
}

export async function news() {
  const [own, original] = [await arrivals(native, 100), await arrivals(polled, 40)];
  for (const which of ['p50', 'p99']) {
    const what = `another process's mark arrives, ${which}`;
    compare(what, ms(own[which]), ms(original[which]), original[which] / own[which]);
  }
}
