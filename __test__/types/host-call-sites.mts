// Call sites of the hosts, with the hosts' own types: they must compile as they are. Checked by `.ci/run` with tsc.
import {
  calculateAuthProfileCooldownMs,
  clearAuthProfileCooldown,
  isProfileInCooldown,
  listProfilesForProvider,
  markAuthProfileCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileUsed,
  readAuthProfileStore,
  resolveAuthProfileOrder,
  resolveProfileUnusableUntilForDisplay,
  runWithAuthProfiles,
  setAuthProfileOrder,
  upsertAuthProfile,
  withAuthProfileLock,
} from '../../index.js';

type Reason = 'auth' | 'format' | 'rate_limit' | 'billing' | 'timeout' | 'unknown';
type ApiKey = { type: 'api_key'; provider: string; key: string; email?: string };
type Token = { type: 'token'; provider: string; token: string; expires?: number; email?: string };
type OAuth = { type: 'oauth'; provider: string; access: string; refresh: string; expires: number; projectId?: string };

interface UsageStats {
  lastUsed?: number;
  cooldownUntil?: number;
  disabledUntil?: number;
  disabledReason?: Reason;
  errorCount?: number;
  failureCounts?: Partial<Record<Reason, number>>;
  lastFailureAt?: number;
}

interface HostStore {
  version: number;
  profiles: Record<string, ApiKey | Token | OAuth>;
  order?: Record<string, string[]>;
  lastGood?: Record<string, string>;
  usageStats?: Record<string, UsageStats>;
}

interface HostConfig {
  agents?: { defaults?: { model?: string } };
  auth?: {
    profiles?: Record<string, { provider: string; mode: 'api_key' | 'oauth' | 'token'; email?: string }>;
    order?: Record<string, string[]>;
    cooldowns?: {
      billingBackoffHours?: number;
      billingBackoffHoursByProvider?: Record<string, number>;
      billingMaxHours?: number;
      failureWindowHours?: number;
    };
  };
}

export async function runner(store: HostStore, cfg: HostConfig | undefined, agentDir: string | undefined) {
  const [profileId] = resolveAuthProfileOrder({ cfg, store, provider: 'google', preferredProfile: undefined });
  if (!profileId || isProfileInCooldown(store, profileId)) return;
  await markAuthProfileFailure({ store, profileId, reason: 'rate_limit' satisfies Reason, cfg, agentDir });
  await markAuthProfileCooldown({ store, profileId, agentDir });
  await markAuthProfileGood({ store, provider: 'google', profileId, agentDir });
  await markAuthProfileUsed({ store, profileId, agentDir });
  await clearAuthProfileCooldown({ store, profileId, agentDir });
}

export const inferred: { until: number | null; ids: string[]; ms: number } = {
  until: resolveProfileUnusableUntilForDisplay({} as HostStore, 'a'),
  ids: listProfilesForProvider({} as HostStore, 'google'),
  ms: calculateAuthProfileCooldownMs(2),
};

export async function edits(credential: OAuth, agentDir?: string) {
  await setAuthProfileOrder({ agentDir, provider: 'google', order: null });
  await upsertAuthProfile({ profileId: 'a', credential, agentDir });
  const refreshed: OAuth = await withAuthProfileLock(agentDir, async () => credential);
  const store = await readAuthProfileStore({ agentDir });
  return [refreshed.access, store.profiles.a?.provider];
}

export async function loop(cfg: HostConfig, signal: AbortSignal): Promise<number> {
  const { result, attempts } = await runWithAuthProfiles({
    provider: 'google',
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
markAuthProfileUsed({ store: {} as HostStore });
// @ts-expect-error there are two policies
markAuthProfileUsed({ store: {} as HostStore, profileId: 'a', policy: 'bold' });
