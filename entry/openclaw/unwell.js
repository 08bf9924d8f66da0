'use strict';
// Accounts that the provider's server turned away as if it were at fault, while it answered another one. Such a fault
// rests no account; but for a minute those that were answered go first, so that a provider that sheds one account's load
// costs each request one attempt.

const REMEMBERED_MS = 60_000;

function createUnwell(now = Date.now) {
  const until = new Map();
  const answeredLast = new Map();
  let turn = 0;
  const isUnwell = (place, id) => (until.get(`${place} ${id}`) ?? 0) > now();

  return {
    /** Somebody answers, after the server turned these away. */
    note(place, sessionId, profileId, turnedAway) {
      until.delete(`${place} ${profileId}`);
      for (const id of turnedAway) until.set(`${place} ${id}`, now() + REMEMBERED_MS);
      if (sessionId && until.size > 0) answeredLast.set(sessionId, profileId);
      if (until.size === 0) answeredLast.clear();
    },
    /** Who goes first; nobody in particular where all are well, or none is. */
    preferred(place, sessionId, ids, isOrdered) {
      for (const [key, end] of until) if (end <= now()) until.delete(key);
      const well = ids.filter((id) => !isUnwell(place, id));
      if (well.length === 0 || well.length === ids.length) return undefined;
      const last = answeredLast.get(sessionId);
      if (last && well.includes(last)) return last;
      turn += 1;
      return isOrdered ? well[0] : well[turn % well.length];
    },
  };
}

module.exports = { createUnwell };
