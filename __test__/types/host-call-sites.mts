// Call sites of the hosts, with the hosts' own types: they must compile as they are. Checked by `.ci/run` with tsc.
import {
  calculateAuthProfileCooldownMs,
  clearAuthProfileCooldown,
  isProfileInCooldown,
  listProfilesForProvider,
  markAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileSuccess,
  markAuthProfileUsed,
  readAuthProfileStore,
  resolveAuthProfileOrder,
  resolveProfileUnusableUntilForDisplay,
  runWithAuthProfiles,
  setAuthProfileOrder,
  upsertAuthProfile,
  withAuthProfileLock,
} from 'auth-failover';
import type { HostConfig, HostStore, OAuth, Reason } from './host-types.mjs';

declare const store: HostStore;
declare const cfg: HostConfig | undefined;
declare const agentDir: string | undefined;
declare const provider: string;
declare function classify(text: string): Reason | null;

/** The runner: order once, skip who cools, book by the error's text, go on; book the success. */
export async function runner(timedOut: boolean, errorText: string, preferredProfile?: string) {
  const candidates: Array<string | undefined> = resolveAuthProfileOrder({ cfg, store, provider, preferredProfile });
  for (const candidate of candidates) {
    if (candidate && isProfileInCooldown(store, candidate)) continue;
    if (!candidate) continue;
    const reason = timedOut ? 'timeout' : (classify(errorText) ?? 'unknown');
    await markAuthProfileFailure({ store, profileId: candidate, reason, cfg, agentDir });
    await markAuthProfileCooldown({ store, profileId: candidate, agentDir });
    await markAuthProfileGood({ store, provider, profileId: candidate, agentDir });
    await markAuthProfileUsed({ store, profileId: candidate, agentDir });
    await clearAuthProfileCooldown({ store, profileId: candidate, agentDir });
  }
}

/** The session's override: the first that is usable, else the first. */
export function pickFirst(): string | undefined {
  const order = resolveAuthProfileOrder({ cfg, store, provider });
  return order.find((profileId) => !isProfileInCooldown(store, profileId)) ?? order[0];
}

/** The doctor's table. */
export function unusable(now: number): string[] {
  return Object.keys(store.usageStats ?? {}).flatMap((profileId) => {
    const until = resolveProfileUnusableUntilForDisplay(store, profileId);
    return until && now < until ? [`${profileId} ${until - now}`] : [];
  });
}

/** The picker asks whether a provider has anything, and filters by the credential's type. */
export function hasLogin(): boolean {
  const ids = listProfilesForProvider(store, provider);
  return ids.length > 0 && ids.map((id) => store.profiles[id]).some((credential) => credential?.type === 'oauth');
}

/** The command that sets an order reads the result with the host's own store type. */
export async function setOrder(order: string[] | null): Promise<string[]> {
  const updated: HostStore | null = await setAuthProfileOrder({ agentDir, provider, order });
  if (!updated) throw new Error('lock busy?');
  return updated.order?.[provider] ?? [];
}

/** A login without `await`, as the hosts' onboarding does it. */
export function login(token: string, expires?: number) {
  upsertAuthProfile({
    profileId: `${provider}:manual`,
    credential: { type: 'token', provider, token, ...(expires ? { expires } : {}) },
  });
}

/** A refresh under the lock keeps the credential's own type, and so does the loaded store. */
export async function refresh(profileId: string): Promise<string> {
  const loaded: HostStore = await readAuthProfileStore({ agentDir });
  const refreshed: OAuth = await withAuthProfileLock(agentDir, async () => {
    const credential = loaded.profiles[profileId];
    if (credential?.type !== 'oauth') throw new Error('no login');
    return { ...credential, expires: 1 };
  });
  await upsertAuthProfile({ profileId, credential: refreshed, agentDir });
  return refreshed.access;
}

/** Places where a host's own type of the function is asked for, such as its tests' doubles. */
export interface Bookkeeping {
  used: (params: { store: HostStore; profileId: string; agentDir?: string }) => Promise<void>;
  good: (params: { store: HostStore; provider: string; profileId: string; agentDir?: string }) => Promise<void>;
  success: (params: { store: HostStore; provider: string; profileId: string; agentDir?: string }) => Promise<void>;
  cooldown: (params: { store: HostStore; profileId: string; agentDir?: string }) => Promise<void>;
  failure: (params: {
    store: HostStore;
    profileId: string;
    reason: Reason;
    cfg?: HostConfig;
    agentDir?: string;
  }) => Promise<void>;
  clear: (params: { store: HostStore; profileId: string; agentDir?: string }) => Promise<void>;
  cooling: (store: HostStore, profileId: string) => boolean;
  order: (params: { cfg?: HostConfig; store: HostStore; provider: string; preferredProfile?: string }) => string[];
  setOrder: (params: { agentDir?: string; provider: string; order?: string[] | null }) => Promise<HostStore | null>;
  ladder: (errorCount: number) => number;
}

export const native: Bookkeeping = {
  used: markAuthProfileUsed,
  good: markAuthProfileGood,
  success: markAuthProfileSuccess,
  cooldown: markAuthProfileCooldown,
  failure: markAuthProfileFailure,
  clear: clearAuthProfileCooldown,
  cooling: isProfileInCooldown,
  order: resolveAuthProfileOrder,
  setOrder: setAuthProfileOrder,
  ladder: calculateAuthProfileCooldownMs,
};

/** The host's loop, as a library. */
export async function loop(signal: AbortSignal): Promise<number> {
  const { result, attempts } = await runWithAuthProfiles({
    provider,
    cfg,
    signal,
    strategy: 'balanced',
    run: async ({ apiKey, credential, attempt, signal }) => {
      await fetch('http://localhost', { headers: { authorization: apiKey, account: credential.provider }, signal });
      return attempt;
    },
    onEvent: ({ type, profileId, failure }) => console.log(type, profileId, failure?.class),
  });
  return result + attempts.length;
}

// @ts-expect-error a run needs its function
runWithAuthProfiles({ provider: 'google' });
// @ts-expect-error a mark needs its profile
markAuthProfileUsed({ store });
// @ts-expect-error there are two policies
markAuthProfileUsed({ store, profileId: 'a', policy: 'bold' });
// @ts-expect-error a provider is needed
markAuthProfileGood({ store, profileId: 'a' });
