// 64 marks at once in one process: the original's tasks wait for each other in steps of 100 ms and more.
import { errorsIn, makeStore, profileIds, ways } from './fixture.mjs';
import { compare, ms, spread } from './report.mjs';

const AT_ONCE = 64;
const PROFILES = 6;

async function burstOf(way) {
  const fixture = makeStore(PROFILES);
  const ids = profileIds(PROFILES);
  const begin = performance.now();
  const marks = Array.from({ length: AT_ONCE }, (_, index) => ways[way](fixture, ids[index % PROFILES]));
  const lost = (await Promise.allSettled(marks)).filter(({ status }) => status === 'rejected').length;
  const time = performance.now() - begin;
  if (errorsIn(fixture) !== AT_ONCE - lost) throw new Error(`${way} lost updates`);
  fixture.remove();
  return time;
}

const median = async (way, rounds) => {
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await burstOf(way));
  return spread(times).p50;
};

export async function burst() {
  await burstOf('relaxed');
  const original = await median('original', 3);
  for (const way of ['relaxed', 'full']) {
    const own = await median(way, 15);
    compare(
      `${AT_ONCE} marks at once, ${way}: all done in`,
      ms(own),
      ms(original),
      original / own,
      way === 'relaxed' ? 50 : undefined,
    );
  }
}
