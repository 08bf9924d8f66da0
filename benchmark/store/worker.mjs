// One process of the fleet: marks for a while and reports the time of each.
import { once } from 'node:events';
import { join } from 'node:path';
import { profileIds, ways } from './fixture.mjs';

const [way, agentDir, profiles] = process.argv.slice(2);
const ids = profileIds(Number(profiles));
const stores = Object.fromEntries(ids.map((id) => [id, { type: 'oauth', provider: 'google-gemini-cli' }]));
const fixture = { agentDir, file: join(agentDir, 'auth-profiles.json'), store: { version: 1, profiles: stores } };
process.send('ready');
const [{ seconds }] = await once(process, 'message');
const times = [];
const end = performance.now() + seconds * 1_000;
while (performance.now() < end) {
  const begin = performance.now();
  await ways[way](fixture, ids[times.length % ids.length]);
  times.push(performance.now() - begin);
}
process.send({ times });
process.disconnect();
