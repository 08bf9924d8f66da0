// A request the way gateways do it in JavaScript: load the store, order the profiles, ask the first, mark it good and used.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { resolveAuthProfileOrder } from '../../index.js';

const RETRIES = { retries: 10_000, factor: 1, minTimeout: 5, maxTimeout: 20, randomize: true };

/** The host's updates other than a failure: one locked read and write each. */
export async function originalUpdate(file, change) {
  const release = await lockfile.lock(file, { retries: RETRIES, stale: 30_000 });
  try {
    const store = JSON.parse(readFileSync(file, 'utf8'));
    change(store);
    writeFileSync(file, `${JSON.stringify(store, null, 2)}\n`);
  } finally {
    await release();
  }
}

/** Hosts read without the lock, and others rewrite the file in place meanwhile. */
async function loaded(file) {
  for (;;) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      await wait(1);
    }
  }
}

export async function originalRequest(file, provider, run) {
  const store = await loaded(file);
  const [profileId] = resolveAuthProfileOrder({ store, provider });
  await run(profileId);
  await originalUpdate(file, (current) => {
    current.lastGood = { ...current.lastGood, [provider]: profileId };
  });
  await originalUpdate(file, (current) => {
    current.usageStats[profileId] = { ...current.usageStats[profileId], lastUsed: Date.now(), errorCount: 0 };
  });
}
