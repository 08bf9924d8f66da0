'use strict';
// Tells the gateway what we know of its accounts, so that `openclaw models status` shows what is, and the gateway neither
// keeps a free account to itself nor waits for one that rests. Its books follow ours: windows with their real ends, who
// was used last, who answered.
//
// The gateway books too: a success or a failure of the account that it believes was asked. So what we tell is told again
// after it has done so.

const { describeAuthProfiles, settled } = require('../main.js');

/** By then the gateway has written what it believes. */
const AGAIN_AFTER_MS = 3_000;
/** Its books are a database that somebody may hold. */
const LONGEST_WAIT_MS = 500;
/** Reasons that the gateway keeps as windows of days, and shows as "disabled". */
const DISABLING = new Set(['billing', 'auth_permanent']);
const WINDOW_FIELDS = [
  'cooldownUntil',
  'cooldownReason',
  'cooldownClassification',
  'cooldownModel',
  'disabledUntil',
  'disabledReason',
];

function createBooks(host, log) {
  const waiting = new Map();
  const isPossible = typeof host.updateAuthProfileStore === 'function' && typeof host.ownerOf === 'function';

  /** Resolves when they are told, or after a moment: never rejects. */
  function tell(request) {
    if (!isPossible) return undefined;
    const key = `${request.agentDir} ${request.provider}`;
    const known = waiting.get(key);
    if (known) clearTimeout(known.again);
    const attempt = () =>
      write(host, request).catch((error) => log.debug(`the gateway's books could not be told: ${error.message}`));
    const again = setTimeout(() => {
      waiting.delete(key);
      attempt();
    }, AGAIN_AFTER_MS);
    again.unref();
    const work = (known?.work ?? Promise.resolve()).then(attempt);
    waiting.set(key, { again, work });
    const patience = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS).unref());
    return Promise.race([work, patience]);
  }
  return { tell };
}

async function write(host, { agentDir, storeDir, provider }) {
  await settled();
  const { profiles } = await describeAuthProfiles({ agentDir: storeDir, provider });
  const theirs = host.ensureAuthProfileStore(agentDir).usageStats ?? {};
  for (const profile of profiles) {
    const wanted = entryOf(profile, theirs[profile.profileId]);
    if (isSame(wanted, theirs[profile.profileId])) continue;
    await host.updateAuthProfileStore({
      agentDir: host.ownerOf({ agentDir, profileId: profile.profileId }),
      profileId: profile.profileId,
      updater(store) {
        if (!store.profiles[profile.profileId]) return false;
        store.usageStats = {
          ...store.usageStats,
          [profile.profileId]: entryOf(profile, store.usageStats?.[profile.profileId]),
        };
        if (profile.lastGood) store.lastGood = { ...store.lastGood, [provider]: profile.profileId };
        return true;
      },
    });
  }
}

/** The gateway's entry with our windows in place of its own. What it knows beyond that stays: its own blocks above all. */
function entryOf(profile, theirs = {}) {
  const entry = { ...theirs };
  for (const field of WINDOW_FIELDS) delete entry[field];
  const window = longest(profile.windows);
  if (window && DISABLING.has(window.reason)) {
    Object.assign(entry, { disabledUntil: window.until, disabledReason: window.reason });
  } else if (window) {
    Object.assign(entry, { cooldownUntil: window.until, cooldownReason: window.reason ?? 'unknown' });
    if (window.model) entry.cooldownModel = window.model;
  }
  entry.errorCount = profile.errorCount;
  // Its ladder grows with these, whatever its own rest was for.
  entry.failureCounts = window ? { [window.reason ?? 'unknown']: Math.max(1, profile.errorCount) } : undefined;
  if (profile.lastUsed !== null) entry.lastUsed = Math.max(profile.lastUsed, entry.lastUsed ?? 0);
  if (profile.lastFailureAt !== null) entry.lastFailureAt = profile.lastFailureAt;
  return entry;
}

function longest(windows) {
  return windows.reduce((last, window) => (last && last.until >= window.until ? last : window), undefined);
}

function isSame(entry, theirs = {}) {
  return [...WINDOW_FIELDS, 'errorCount', 'lastUsed'].every((field) => entry[field] === theirs[field]);
}

module.exports = { createBooks };
