'use strict';
// The account that the user has pinned for a session. The gateway does not pass it with a request, but tells which
// session a request belongs to, by an event that names ids only.

/** Sessions that are remembered; a request asks within milliseconds of its event. */
const MOST_SESSIONS = 10_000;

function createPins(api) {
  const keys = new Map();
  api.on?.('model_call_started', ({ sessionId, sessionKey }) => {
    if (!sessionId || !sessionKey) return;
    keys.delete(sessionId);
    keys.set(sessionId, sessionKey);
    if (keys.size > MOST_SESSIONS) keys.delete(keys.keys().next().value);
  });

  /** The pinned profile's id, if the session has one. */
  return function pinOf(host, { agentId, sessionId }) {
    const sessionKey = keys.get(sessionId);
    if (!sessionKey || !host.getSessionEntry) return undefined;
    const entry = host.getSessionEntry({ sessionKey, agentId });
    const profileId = entry?.authProfileOverride?.trim();
    if (!profileId) return undefined;
    // The gateway's own rule for where a pin comes from.
    const isAutomatic = typeof entry.authProfileOverrideCompactionCount === 'number';
    const source = entry.authProfileOverrideSource || (isAutomatic ? 'auto' : 'user');
    return source === 'auto' ? undefined : profileId;
  };
}

module.exports = { createPins };
