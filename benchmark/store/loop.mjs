// A whole request's bookkeeping: whom to ask, two accounts that refuse, one that answers. Ours is runWithAuthProfiles;
// the original's way is the gateway's loop over its own functions: load, order, mark each failure, then Good and Used.
import { readFileSync } from 'node:fs';
import { clearAuthProfileCooldown, resolveAuthProfileOrder, runWithAuthProfiles } from '../../index.js';
import { makeStore, originalMark, profileIds } from './fixture.mjs';
import { originalUpdate } from './original-request.mjs';
import { overhead } from './overhead.mjs';
import { compare, ms, spread } from './report.mjs';

const PROVIDER = 'google-gemini-cli';
const TURNS = 60;
const refusal = () =>
  Object.assign(new Error('Please retry in 0.001s.'), { status: 429, body: '{"retryDelay":"0.001s"}' });

const loops = {
  async ours({ agentDir }) {
    let asked = 0;
    await runWithAuthProfiles({
      provider: PROVIDER,
      agentDir,
      run: async () => {
        if (asked++ < 2) throw refusal();
      },
    });
  },
  async original(fixture) {
    const store = JSON.parse(readFileSync(fixture.file, 'utf8'));
    const [first, second, third] = resolveAuthProfileOrder({ store, provider: PROVIDER });
    for (const profileId of [first, second]) await originalMark(fixture, profileId);
    await originalUpdate(fixture.file, (store) => {
      store.lastGood = { ...store.lastGood, [PROVIDER]: third };
    });
    await originalUpdate(fixture.file, (store) => {
      store.usageStats[third] = { ...store.usageStats[third], lastUsed: Date.now(), errorCount: 0 };
    });
  },
};

async function timesOf(way, profiles, together) {
  const fixture = makeStore(profiles);
  const times = [];
  for (let turn = 0; turn < TURNS / together; turn++) {
    const begin = performance.now();
    await Promise.all(Array.from({ length: together }, () => loops[way](fixture)));
    times.push(performance.now() - begin);
    if (way === 'ours' && together > 1) {
      const { agentDir, store } = fixture;
      await Promise.all(
        profileIds(profiles).map((profileId) => clearAuthProfileCooldown({ store, profileId, agentDir })),
      );
    }
  }
  fixture.remove();
  return spread(times).p50;
}

export async function loop() {
  await overhead();
  await timesOf('ours', 6, 1);
  for (const [profiles, together] of [
    [6, 1],
    [100, 1],
    [30, 10],
  ]) {
    const [ours, original] = [await timesOf('ours', profiles, together), await timesOf('original', profiles, together)];
    const what = `${together === 1 ? 'a request' : `${together} requests at once`}, ${profiles} profiles: books in`;
    compare(what, ms(ours), ms(original), original / ours);
  }
}
