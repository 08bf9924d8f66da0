// A store as a gateway has it, and the two ways to mark a profile in it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { markAuthProfileFailure, markAuthProfileUsed } from '../../index.js';

const HOST_LOCK_OPTIONS = {
  retries: { retries: 10, factor: 2, minTimeout: 100, maxTimeout: 10_000, randomize: true },
  stale: 30_000,
};

export const profileIds = (count) =>
  Array.from({ length: count }, (_, index) => `google-gemini-cli:user${index}@example.com`);

function storeOf(count) {
  const ids = profileIds(count);
  const profile = (id) => ({
    type: 'oauth',
    provider: 'google-gemini-cli',
    access: `ya29.${'a'.repeat(180)}`,
    refresh: `1//${'r'.repeat(100)}`,
    expires: 1_770_000_000_000,
    email: id.split(':')[1],
    projectId: 'a-project-of-google',
  });
  const stats = { lastUsed: 1_770_000_000_000, errorCount: 0, lastFailureAt: 1_769_000_000_000, failureCounts: {} };
  return {
    version: 1,
    profiles: Object.fromEntries(ids.map((id) => [id, profile(id)])),
    usageStats: Object.fromEntries(ids.map((id) => [id, stats])),
  };
}

/** A store of `count` profiles in a directory of its own. Remove it with `remove`. */
export function makeStore(count) {
  const agentDir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'auth-failover-bench-'));
  const file = join(agentDir, 'auth-profiles.json');
  writeFileSync(file, `${JSON.stringify(storeOf(count), null, 2)}\n`, { mode: 0o600 });
  return {
    agentDir,
    file,
    count,
    store: storeOf(count),
    remove: () => rmSync(agentDir, { recursive: true, force: true }),
  };
}

/** What the original does for a mark: everything under proper-lockfile, and written in place. */
export async function originalMark({ file }, profileId) {
  const release = await lockfile.lock(file, HOST_LOCK_OPTIONS);
  try {
    const store = JSON.parse(readFileSync(file, 'utf8'));
    const stats = store.usageStats?.[profileId] ?? {};
    store.usageStats = {
      ...store.usageStats,
      [profileId]: { ...stats, errorCount: (stats.errorCount ?? 0) + 1, lastFailureAt: Date.now() },
    };
    writeFileSync(file, `${JSON.stringify(store, null, 2)}\n`);
  } finally {
    await release();
  }
}

const WAIT = { lockTimeoutMs: 600_000, strict: true };

export const nativeMark = ({ agentDir, store }, profileId, durability = 'relaxed') =>
  markAuthProfileFailure({ store, profileId, reason: 'rate_limit', agentDir, durability, ...WAIT });

export const nativeUsed = ({ agentDir, store }, profileId) =>
  markAuthProfileUsed({ store, profileId, agentDir, ...WAIT });

export const ways = {
  original: originalMark,
  relaxed: (fixture, id) => nativeMark(fixture, id, 'relaxed'),
  full: (fixture, id) => nativeMark(fixture, id, 'full'),
};

export const errorsIn = ({ file }) =>
  Object.values(JSON.parse(readFileSync(file, 'utf8')).usageStats).reduce(
    (sum, stats) => sum + (stats.errorCount ?? 0),
    0,
  );
