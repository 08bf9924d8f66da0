// What clawdbot 2026.1.24 / openclaw 2026.1.29 do to a store, as a model to compare with: written from the contract,
// checked once against the packages themselves. `clear` also resets the disable fields, as later hosts do.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const hours = (value, fallback) => (Number.isFinite(value) && value > 0 ? value : fallback) * HOUR;
const ladder = (count) => Math.min(60 * MINUTE, MINUTE * 5 ** Math.min(Math.max(1, count) - 1, 3));

function billingRest(count, cooldowns) {
  const base = Math.max(MINUTE, hours(cooldowns.billingBackoffHours, 5));
  return Math.min(
    Math.max(base, hours(cooldowns.billingMaxHours, 24)),
    base * 2 ** Math.min(Math.max(1, count) - 1, 10),
  );
}

function failed(stats, reason, now, cooldowns) {
  const { lastFailureAt } = stats;
  const isStale = lastFailureAt > 0 && now - lastFailureAt > hours(cooldowns.failureWindowHours, 24);
  const counts = isStale ? {} : { ...stats.failureCounts };
  counts[reason] = (counts[reason] ?? 0) + 1;
  const errorCount = (isStale ? 0 : (stats.errorCount ?? 0)) + 1;
  const next = { ...stats, errorCount, failureCounts: counts, lastFailureAt: now };
  return reason === 'billing'
    ? { ...next, disabledUntil: now + billingRest(counts.billing, cooldowns), disabledReason: 'billing' }
    : { ...next, cooldownUntil: now + ladder(errorCount) };
}

const fresh = {
  errorCount: 0,
  cooldownUntil: undefined,
  disabledUntil: undefined,
  disabledReason: undefined,
  failureCounts: undefined,
};

/** Applies one step to `store`; returns whether a host would have saved it. */
export function apply(store, step, now) {
  const { kind, profileId: id } = step;
  const stats = store.usageStats?.[id];
  const save = (entry) => {
    store.usageStats = { ...store.usageStats, [id]: entry };
    return true;
  };
  if (kind === 'clear') return stats ? save({ ...stats, ...fresh }) : false;
  const profile = store.profiles[id];
  if (!profile) return false;
  if (kind === 'used') return save({ ...stats, lastUsed: now, ...fresh });
  if (kind === 'failure') return save(failed(stats ?? {}, step.reason, now, step.cooldowns ?? {}));
  if (kind === 'cooldown') return save(failed(stats ?? {}, 'unknown', now, {}));
  if (profile.provider !== step.provider) return false;
  store.lastGood = { ...store.lastGood, [step.provider]: id };
  return true;
}
