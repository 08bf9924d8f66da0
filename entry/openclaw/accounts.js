'use strict';
// The gateway's accounts, mirrored into a store of our own beside its databases: ids, providers and types, and a
// reference where the secret would be. Who there is, and in which order, is the gateway's; what our store adds is how each
// of them fares.

const { existsSync } = require('node:fs');
const path = require('node:path');
const { upsertAuthProfile, removeAuthProfile, readAuthProfileStore } = require('../main.js');

/** The field that names a secret by reference, by the profile's type. */
const REFERENCE = { api_key: 'keyRef', token: 'tokenRef', oauth: 'oauthRef' };

/** Where our store of an agent lies. */
const storeDirOf = (agentDir) => path.join(agentDir, 'auth-failover');

function createAccounts(host) {
  const mirrors = new Map();

  /**
   * Who may be asked for a provider now, in the gateway's order. The request has been shaped for the account that the
   * gateway has chosen: the user's pin, or the first of its order. A login and a key are shaped differently, so only
   * accounts of that kind stand in for it; when all of them rest, the gateway itself goes on to the other kind.
   */
  async function of({ agentDir, config, provider, model, pin }) {
    const store = host.ensureAuthProfileStore(agentDir);
    const all = host.resolveAuthProfileOrder({ cfg: config, store, provider, forModel: model });
    const storeDir = storeDirOf(agentDir);
    await mirror(
      storeDir,
      provider,
      all.map((id) => [id, store.profiles[id]?.type ?? 'api_key']),
    );
    const kind = kindOf(store.profiles[pin ?? all[0]]);
    const ids = all.filter((id) => kindOf(store.profiles[id]) === kind);
    const isOrdered = hasOrder(store.order, provider) || hasOrder(config?.auth?.order, provider);
    return { ids, isOrdered: isOrdered || ids.length < all.length, storeDir };
  }

  /** One change of our store at a time; most requests find nothing to change. */
  function mirror(storeDir, provider, wanted) {
    const signature = JSON.stringify(wanted.map(String).sort());
    const last = mirrors.get(storeDir) ?? { work: Promise.resolve(), signatures: new Map() };
    mirrors.set(storeDir, last);
    // Somebody may have removed our store, to begin anew.
    if (last.signatures.get(provider) !== signature || !existsSync(path.join(storeDir, 'auth-profiles.json'))) {
      last.signatures.set(provider, signature);
      const change = () => write(storeDir, provider, wanted);
      last.work = last.work.then(change, change);
      last.work.catch(() => last.signatures.delete(provider));
    }
    return last.work;
  }

  /** The account's secret as the gateway has it now; it refreshes a login that needs it. */
  async function secretOf({ agentDir, config, profileId, signal }) {
    const store = host.ensureAuthProfileStore(agentDir);
    const resolved = await host.resolveApiKeyForProfile({ cfg: config, store, profileId, agentDir, signal });
    return resolved?.apiKey;
  }

  return { of, secretOf };
}

async function write(storeDir, provider, wanted) {
  const { profiles } = await readAuthProfileStore({ agentDir: storeDir }).catch((error) => {
    if (error.code === 'ERR_STORE_MISSING') return { profiles: {} };
    throw error;
  });
  for (const [profileId, type] of wanted) {
    if (profiles[profileId]?.type === type && profiles[profileId].provider === provider) continue;
    const credential = { type, provider, [REFERENCE[type] ?? 'keyRef']: { source: 'openclaw', id: profileId } };
    await upsertAuthProfile({ agentDir: storeDir, profileId, credential, durability: 'relaxed' });
  }
  const ids = new Set(wanted.map(([id]) => id));
  const gone = Object.keys(profiles).filter((id) => profiles[id].provider === provider && !ids.has(id));
  for (const profileId of gone) await removeAuthProfile({ agentDir: storeDir, profileId, durability: 'relaxed' });
}

const kindOf = (profile) => (profile?.type === 'api_key' ? 'key' : 'login');

function hasOrder(orders, provider) {
  const key = provider.trim().toLowerCase();
  const found = Object.entries(orders ?? {}).find(([name]) => name.trim().toLowerCase() === key);
  return found !== undefined && found[1]?.length > 0;
}

module.exports = { createAccounts };
