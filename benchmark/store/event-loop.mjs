// How long a mark holds the event loop: the time in its call, and the time in which its answer is taken in. The
// second is seen as the gap in a loop of setImmediate turns while one mark is under way.
import { makeStore, profileIds, ways } from './fixture.mjs';
import { compare, limit, ms, spread } from './report.mjs';

const MARKS = 300;

/** The longest turn of the loop in each mark, less what an idle turn takes. */
async function longestTurns(profiles, way) {
  const fixture = makeStore(profiles);
  const ids = profileIds(profiles);
  const turns = [];
  for (let index = 0; index < MARKS; index++) {
    let longest = 0;
    let last = performance.now();
    let isDone = false;
    const call = performance.now();
    const mark = ways[way](fixture, ids[index % ids.length]).then(() => {
      isDone = true;
    });
    longest = performance.now() - call;
    last = performance.now();
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    await mark;
    turns.push(longest);
  }
  fixture.remove();
  return spread(turns.slice(MARKS / 10));
}

/** The longest of about as many turns without any mark: what the machine does to everybody. */
async function idleTurns() {
  const turns = [];
  for (let index = 0; index < MARKS; index++) {
    let longest = 0;
    let last = performance.now();
    for (let turn = 0; turn < 100; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    turns.push(longest);
  }
  return spread(turns);
}

export async function eventLoop() {
  const idle = await idleTurns();
  console.log(`longest of 100 idle turns: p50 ${ms(idle.p50)}, p99 ${ms(idle.p99)}`);
  for (const profiles of [6, 100]) {
    const own = await longestTurns(profiles, 'relaxed');
    const original = await longestTurns(profiles, 'original');
    compare(`${profiles} profiles: longest hold of a mark, p50`, ms(own.p50), ms(original.p50), original.p50 / own.p50);
    compare(`${profiles} profiles: longest hold of a mark, p99`, ms(own.p99), ms(original.p99), original.p99 / own.p99);
    if (profiles === 100) limit('100 profiles: median hold', own.p50, 'ms', 0.2);
  }
}
