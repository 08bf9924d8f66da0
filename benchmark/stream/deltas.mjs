// What an event costs the event loop.
import { compare } from '../store/report.mjs';
import { measure, median, open, readAll, takeTurns } from './ways.mjs';

const micro = (ms) => `${(ms * 1000).toFixed(2)} us`;

async function perEvent(server, what, streams, id, rounds, target) {
  const results = await takeTurns(rounds, async (way) => {
    const { active, result } = await measure(async () => {
      const counts = await Promise.all(Array.from({ length: streams }, () => readAll(open(way, server, id))));
      return counts.reduce((sum, count) => sum + count, 0);
    });
    return active / result;
  });
  const [own, original] = [median(results.own), median(results.original)];
  compare(`${what}: active per event`, micro(own), micro(original), original / own, target);
}

export async function deltas(server) {
  await perEvent(server, '20,000 text deltas', 1, 'burst-20000', 7, 2);
  await perEvent(server, '20,000 chunks, thoughts and calls', 1, 'mixed-20000', 5, 2);
  await perEvent(server, '50 streams of 1,000 deltas', 50, 'burst-1000', 5, 2);
  // As a model speaks: each event finds an idle loop, so what it costs is mostly the waking.
  await perEvent(server, '1,000 deltas, one each millisecond', 1, 'timed-1000', 5, 2);
}
