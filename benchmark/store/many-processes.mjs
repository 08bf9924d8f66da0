// 8 processes at once: rate, slowest marks, and how evenly the processes come to their turn.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { errorsIn, makeStore } from './fixture.mjs';
import { compare, limit, ms, spread } from './report.mjs';

const PROCESSES = 8;
const SECONDS = 6;
const PROFILES = 6;
const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));

async function fleet(way) {
  const fixture = makeStore(PROFILES);
  const workers = Array.from({ length: PROCESSES }, () => fork(WORKER, [way, fixture.agentDir, String(PROFILES)]));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  for (const worker of workers) worker.send({ seconds: SECONDS });
  const answers = (await Promise.all(workers.map((worker) => once(worker, 'message')))).map(([answer]) => answer);
  const times = answers.flatMap((answer) => answer.times);
  if (errorsIn(fixture) !== times.length) throw new Error(`${way}: ${errorsIn(fixture)} of ${times.length} marks`);
  fixture.remove();
  const counts = answers.map((answer) => answer.times.length).sort((a, b) => a - b);
  return { rate: times.length / SECONDS, ...spread(times), fairness: counts[0] / counts.at(-1), counts };
}

export async function manyProcesses() {
  const original = await fleet('original');
  for (const way of ['relaxed', 'full']) {
    const own = await fleet(way);
    const name = `${PROCESSES} processes, ${way}`;
    const isTarget = way === 'relaxed';
    compare(
      `${name}: rate`,
      `${Math.round(own.rate)}/s`,
      `${Math.round(original.rate)}/s`,
      own.rate / original.rate,
      isTarget ? 10 : undefined,
    );
    compare(`${name}: p50`, ms(own.p50), ms(original.p50), original.p50 / own.p50);
    compare(`${name}: p99`, ms(own.p99), ms(original.p99), original.p99 / own.p99, isTarget ? 20 : undefined);
    compare(`${name}: slowest`, ms(own.max), ms(original.max), original.max / own.max);
    limit(`${name}: fewest / most marks of a process`, own.fairness, '');
    console.log(`  marks by process: ${own.counts.join(' ')}; original ${original.counts.join(' ')}`);
  }
}
