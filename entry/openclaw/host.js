'use strict';
// The gateway's interfaces that the plugin uses, in one place: what it cannot do without, and what it uses where it is
// there. `__test__/support/openclaw-host.mjs` stands in for them in tests.

const NEEDED = {
  agentRuntime: [
    'ensureAuthProfileStore',
    'resolveAuthProfileOrder',
    'resolveApiKeyForProfile',
    'listProfilesForProvider',
  ],
  events: ['createAssistantMessageEventStream'],
};

/** Each `sdk` function imports a module of the gateway. Rejects with what is missing. */
async function loadHost(sdk) {
  const agentRuntime = await sdk.agentRuntime();
  const events = await sdk.events();
  const optionals = [sdk.activity, sdk.sessions, sdk.writes, sdk.catalog];
  const [activity, sessions, writes, catalog] = await Promise.all(optionals.map(optional));
  const modules = { agentRuntime, events };
  for (const [name, functions] of Object.entries(NEEDED)) {
    const missing = functions.find((each) => typeof modules[name][each] !== 'function');
    if (missing) throw new Error(`it has no ${missing}`);
  }
  return {
    ensureAuthProfileStore: agentRuntime.ensureAuthProfileStore,
    resolveAuthProfileOrder: agentRuntime.resolveAuthProfileOrder,
    resolveApiKeyForProfile: agentRuntime.resolveApiKeyForProfile,
    listProfilesForProvider: agentRuntime.listProfilesForProvider,
    createStream: events.createAssistantMessageEventStream,
    /** Signs of life of which no event comes: a model that thinks in silence. */
    onActivity: activity.onLlmRequestActivity,
    notifyActivity: activity.notifyLlmRequestActivity,
    getSessionEntry: sessions.getSessionEntry,
    ownerOf: agentRuntime.resolvePersistedAuthProfileOwnerAgentDir,
    ownersOfProvider: catalog.resolveOwningPluginIdsForProvider,
    updateAuthProfileStore: writes.updateAuthProfileStoreWithLock,
  };
}

async function optional(load) {
  return load ? load().catch(() => ({})) : {};
}

module.exports = { loadHost };
