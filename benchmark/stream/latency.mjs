// From the server's write to the reader's event. Both processes read the same monotonic clock.
import { compare, ms, spread } from '../store/report.mjs';
import { open, takeTurns } from './ways.mjs';

const now = () => Number(process.hrtime.bigint()) / 1e6;

export async function latency(server) {
  const results = await takeTurns(3, async (way) => {
    const times = [];
    for await (const event of open(way, server, 'timed-500')) {
      if (event.type === 'text_delta' && event.delta !== 'end') times.push(now() - Number(event.delta));
    }
    return times;
  });
  const [own, original] = [spread(results.own.flat()), spread(results.original.flat())];
  compare('server write to event, p50', ms(own.p50), ms(original.p50), original.p50 / own.p50);
  compare('server write to event, p99', ms(own.p99), ms(original.p99), original.p99 / own.p99);
}
