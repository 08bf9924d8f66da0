// One process, one mark after the other.
import { makeStore, profileIds, ways } from './fixture.mjs';
import { compare, limit, ms, rate, spread } from './report.mjs';

const ROUNDS = 6;
const marksFor = (profiles) => (profiles <= 100 ? 100 : 15);

/** The times of single marks by each way; the ways take turns, each on a store of its own. */
async function measure(profiles) {
  const ids = profileIds(profiles);
  const fixtures = Object.fromEntries(Object.keys(ways).map((way) => [way, makeStore(profiles)]));
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  const marks = marksFor(profiles);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [way, mark] of Object.entries(ways)) {
      for (let index = 0; index < marks; index++) {
        const begin = performance.now();
        await mark(fixtures[way], ids[(round * marks + index) % ids.length]);
        // The first round warms up.
        if (round > 0) times[way].push(performance.now() - begin);
      }
    }
  }
  for (const fixture of Object.values(fixtures)) fixture.remove();
  return times;
}

export async function oneProcess() {
  for (const profiles of [6, 100, 5_000]) {
    const times = await measure(profiles);
    const total = (way) => times[way].reduce((sum, time) => sum + time);
    const perSecond = (way) => rate(times[way].length, total(way));
    const original = spread(times.original);
    for (const way of ['relaxed', 'full']) {
      const name = `${profiles} profiles, ${way}`;
      const target = way === 'relaxed' ? 2 : undefined;
      compare(
        `${name}: rate`,
        `${perSecond(way)}/s`,
        `${perSecond('original')}/s`,
        total('original') / total(way),
        target,
      );
      const own = spread(times[way]);
      compare(`${name}: p50`, ms(own.p50), ms(original.p50), original.p50 / own.p50);
      compare(`${name}: p99`, ms(own.p99), ms(original.p99), original.p99 / own.p99);
    }
    if (profiles === 5_000) limit('5000 profiles, relaxed: median mark', spread(times.relaxed).p50, 'ms', 10);
  }
}
