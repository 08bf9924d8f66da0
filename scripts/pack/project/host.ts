// A host that goes on with its own JavaScript where there is no native part.
import { isSupported } from 'auth-failover/supported';

const own = {
  isProfileInCooldown: (store: { usageStats?: Record<string, { cooldownUntil?: number }> }, profileId: string) =>
    Date.now() < (store.usageStats?.[profileId]?.cooldownUntil ?? 0),
};

async function main() {
  const { isProfileInCooldown } = isSupported() ? await import('auth-failover') : own;
  const store = { version: 1, profiles: {}, usageStats: { a: { cooldownUntil: Date.now() + 60_000 } } };
  return { native: isSupported(), cooling: isProfileInCooldown(store, 'a') };
}

main().then((result) => console.log(JSON.stringify(result)));
