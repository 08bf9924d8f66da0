// What a request costs beyond the request itself: alone, with 50 under way in each of two processes, among 5,000 profiles.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { makeStore } from './fixture.mjs';
import { compare, limit, ms, spread } from './report.mjs';

const child = fileURLToPath(new URL('./overhead-child.mjs', import.meta.url));

async function costs(way, { profiles, processes, together, requests, requestMs }) {
  const fixture = makeStore(profiles);
  const { agentDir, file } = fixture;
  const argument = JSON.stringify({ way, agentDir, file, requests, together, requestMs });
  const children = Array.from({ length: processes }, () => fork(child, [argument]));
  for (const process of children) await once(process, 'message');
  const ends = children.map((process) => once(process, 'exit'));
  const answers = children.map((process) => once(process, 'message'));
  for (const process of children) process.send('go');
  const all = (await Promise.all(answers)).flatMap(([times]) => times);
  // What is booked is written when the process ends.
  await Promise.all(ends);
  fixture.remove();
  return spread(all);
}

const settings = {
  alone: { profiles: 6, processes: 1, together: 1, requests: 500, requestMs: 0 },
  busy: { profiles: 6, processes: 2, together: 50, requests: 1_000, requestMs: 50 },
  large: { profiles: 5_000, processes: 1, together: 1, requests: 60, requestMs: 0 },
};
// The original's requests wait for each other for seconds: fewer of them tell as much.
const forOriginal = (setting) => ({ ...setting, requests: Math.ceil(setting.requests / 10) });

export async function overhead() {
  const ours = {};
  const original = {};
  for (const [name, setting] of Object.entries(settings)) {
    ours[name] = await costs('ours', setting);
    original[name] = await costs('original', forOriginal(setting));
  }
  const row = (what, name, figure) =>
    compare(what, ms(ours[name][figure]), ms(original[name][figure]), original[name][figure] / ours[name][figure]);
  row('a request alone, 6 profiles: median', 'alone', 'p50');
  limit('  limit of the median', ours.alone.p50, 'ms', 0.3);
  row('2 processes, 50 requests under way each: p99', 'busy', 'p99');
  limit('  limit of p99', ours.busy.p99, 'ms', 10);
  row('a request among 5,000 profiles: median', 'large', 'p50');
  limit('  limit of the median', ours.large.p50, 'ms', 2);
}
