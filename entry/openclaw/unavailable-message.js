'use strict';
// What the gateway is told when nobody is left, in words that it acts on. A text that names a usage limit makes it go on
// at once: to its model fallback, or to the end of the turn. A bare 429 would be asked ten times, and a `Retry-After` slept
// through.

/** The fields of the last message; `null` for what is passed on as it is. */
function unavailableMessage(error) {
  if (error?.code !== 'ERR_NO_PROFILE_AVAILABLE') return null;
  const when = error.freeAt
    ? `the first one, ${error.nextProfileId}, is free at ${new Date(error.freeAt).toISOString()}`
    : 'time alone will not free one';
  return {
    errorMessage: `429 usage limit: no account of ${error.provider} can be asked now; ${when} (auth-failover)`,
    errorCode: '429',
    errorType: 'rate_limit_error',
    errorBody: undefined,
  };
}

module.exports = { unavailableMessage };
