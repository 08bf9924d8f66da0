import { state } from 'openclaw/state';

export async function updateAuthProfileStoreWithLock({ updater }) {
  const store = structuredClone(state.store);
  // Rebuilt from what the gateway knows on each save; what it does not know is gone.
  if (updater(store)) state.store = JSON.parse(JSON.stringify(store));
  return store;
}
