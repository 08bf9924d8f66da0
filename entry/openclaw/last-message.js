'use strict';
// The message that ends a stream without an answer, in words that the gateway acts on.
//
// A text that names a usage limit makes it go on at once, to its model fallback or to the end of the turn: a bare 429 would
// be asked ten times, and a `Retry-After` slept through.

/** What the gateway is told of an error of the run. */
function failedMessage(error, model, last) {
  const message = { ...(last ?? emptyMessage(model)), stopReason: 'error' };
  if (error?.code === 'ERR_NO_PROFILE_AVAILABLE') {
    return {
      ...message,
      errorMessage: unavailable(error),
      errorCode: '429',
      errorType: 'rate_limit_error',
      errorBody: undefined,
    };
  }
  if (error?.code === 'ERR_PROVIDER_UNAVAILABLE' && !last)
    return { ...message, errorMessage: `503 ${error.message}`, errorCode: '503' };
  return last ? message : { ...message, errorMessage: error?.message ?? String(error) };
}

function unavailable({ provider, nextProfileId, freeAt }) {
  const when = freeAt
    ? `${nextProfileId} is the first to be free, at ${new Date(freeAt).toISOString()}`
    : 'time alone will not free one';
  return `429 usage limit: no account of ${provider} can be asked now; ${when} (auth-failover)`;
}

function abortedMessage(model, last) {
  return { ...(last ?? emptyMessage(model)), stopReason: 'aborted', errorMessage: 'Request was aborted' };
}

function emptyMessage(model) {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
  return {
    role: 'assistant',
    content: [],
    api: model.api,
    provider: model.provider,
    model: model.id,
    usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0, cost },
    timestamp: Date.now(),
  };
}

module.exports = { failedMessage, abortedMessage };
