import { state } from 'openclaw/state';

export const ensureAuthProfileStore = () => structuredClone(state.store);

export const listProfilesForProvider = (store, provider) =>
  Object.keys(store.profiles).filter((id) => store.profiles[id].provider === provider);

/** Stored order before configured order, then by when each was used; who rests comes last. */
export function resolveAuthProfileOrder({ cfg, store, provider }) {
  const order = store.order?.[provider] ?? cfg?.auth?.order?.[provider];
  const ids = order ?? listProfilesForProvider(store, provider);
  const usage = (id) => store.usageStats?.[id] ?? {};
  const rests = (id) => (usage(id).cooldownUntil ?? 0) > Date.now() || (usage(id).disabledUntil ?? 0) > Date.now();
  const free = ids.filter((id) => store.profiles[id] && !rests(id));
  if (!order) free.sort((a, b) => (usage(a).lastUsed ?? 0) - (usage(b).lastUsed ?? 0));
  return [...free, ...ids.filter((id) => store.profiles[id] && rests(id))];
}

export async function resolveApiKeyForProfile({ store, profileId }) {
  state.resolved.push(profileId);
  const { key, token, access, provider } = store.profiles[profileId] ?? {};
  const apiKey = key ?? token ?? access;
  return apiKey ? { apiKey, provider, profileId } : null;
}

export const resolvePersistedAuthProfileOwnerAgentDir = () => undefined;
