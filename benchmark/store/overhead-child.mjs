// One process of the overhead measurement: keeps `together` requests under way and tells what each cost beyond its own `run`.
import { setTimeout as wait } from 'node:timers/promises';
import { runWithAuthProfiles } from '../../index.js';
import { originalRequest } from './original-request.mjs';

const PROVIDER = 'google-gemini-cli';
const { way, agentDir, file, requests, together, requestMs } = JSON.parse(process.argv[2]);

async function costOf(request) {
  const begin = performance.now();
  let inside = 0;
  await request(async () => {
    const asked = performance.now();
    if (requestMs > 0) await wait(requestMs);
    inside = performance.now() - asked;
  });
  return performance.now() - begin - inside;
}

const request = {
  ours: (run) => runWithAuthProfiles({ provider: PROVIDER, agentDir, run }),
  original: (run) => originalRequest(file, PROVIDER, run),
}[way];

const costs = [];
let left = requests;
const lane = async () => {
  while (left-- > 0) costs.push(await costOf(request));
};
// What is loaded and opened once is not a request's cost.
for (let warm = 0; warm < 20; warm++) await costOf(request);
process.send('ready');
process.once('message', async () => {
  await Promise.all(Array.from({ length: together }, lane));
  process.send(costs, () => process.disconnect());
});
