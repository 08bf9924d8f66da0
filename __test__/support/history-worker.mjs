// Makes a seeded series of marks and reads, one after the other, and records call and return of each. At a seeded
// operation it kills itself a moment after the call.
import { readSync, writeSync } from 'node:fs';
import {
  clearAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileUsed,
  readAuthProfileStore,
} from '../../index.js';
import { argument } from './child.mjs';
import { random } from './random.mjs';

const { agentDir, profileIds, seed, firstStamp, operations, dies } = argument();
const { below, pick } = random(seed);
const store = {
  version: 1,
  profiles: Object.fromEntries(profileIds.map((id) => [id, { type: 'oauth', provider: 'p' }])),
};
const diesAt = dies ? below(operations) : -1;
const marks = { failure: markAuthProfileFailure, used: markAuthProfileUsed, clear: clearAuthProfileCooldown };
const KINDS = ['failure', 'failure', 'failure', 'used', 'clear', 'read', 'read'];

let stamp = firstStamp;
// Each mark books its own number as the time, so that the file says which mark it was.
Date.now = () => stamp;
const clock = () => Number(process.hrtime.bigint() / 1_000n);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

async function run(kind, profileId) {
  if (kind === 'read') return (await readAuthProfileStore({ agentDir })).usageStats?.[profileId];
  const options = { lockTimeoutMs: 60_000, strict: true, durability: below(10) === 0 ? 'full' : 'relaxed' };
  await marks[kind]({ store, profileId, reason: 'auth', agentDir, ...options });
  return store.usageStats?.[profileId];
}

say({ ready: true });
readSync(0, new Uint8Array(1));
for (let index = 0; index < operations; index++) {
  stamp += 1;
  const operation = { kind: pick(KINDS), profileId: pick(profileIds), stamp, call: clock() };
  say(operation);
  const running = run(operation.kind, operation.profileId);
  if (index === diesAt) {
    const end = clock() + below(700);
    while (clock() < end);
    process.kill(process.pid, 'SIGKILL');
  }
  const value = await running;
  say({ end: clock(), value });
}
