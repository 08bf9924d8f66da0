// What the stand-in's modules share: the gateway's auth store and sessions, in memory.
export const state = {
  store: { version: 1, profiles: {} },
  sessions: new Map(),
  /** Every read of a secret, by profile. */
  resolved: [],
};
