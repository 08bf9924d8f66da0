'use strict';
// The message that ends a stream without an answer, in words that the gateway acts on.
//
// Every other text makes it ask the same account again: a bare 429 ten times, a `Retry-After` by sleeping through it, an
// account that hangs for as long once more. One that names a usage limit makes it go on at once, to its model fallback or
// to the end of the turn, whatever the usage was of.

/** What the gateway is told of an error of the run; `last` is the last message of its transport that ended in an error. */
function failedMessage(error, model, last) {
  const message = { ...(last ?? emptyMessage(model)), stopReason: 'error' };
  const ended = whyEnded(error);
  if (ended) {
    return {
      ...message,
      errorMessage: `429 usage limit: ${ended} (auth-failover)`,
      errorCode: '429',
      errorType: 'rate_limit_error',
      errorBody: undefined,
    };
  }
  // The transport takes our own time limit for an abort by the gateway.
  if (error?.name === 'TimeoutError') return { ...message, errorMessage: error.message, errorCode: error.code };
  if (error?.code === 'ERR_PROVIDER_UNAVAILABLE' && !last)
    return { ...message, errorMessage: `503 ${error.message}`, errorCode: '503' };
  return last ? message : { ...message, errorMessage: error?.message ?? String(error) };
}

/** Why asking again would be of no use now, and until when. `undefined`: it may be of use. */
function whyEnded({ code, provider, nextProfileId, freeAt, retryAfterMs, attempts, failure } = {}) {
  const again = `at ${new Date(Date.now() + (retryAfterMs ?? 0)).toISOString()}`;
  if (code === 'ERR_NO_PROFILE_AVAILABLE') {
    const when = freeAt
      ? `${nextProfileId} is the first to be free, at ${new Date(freeAt).toISOString()}`
      : 'time alone will not free one';
    return `no account of ${provider} can be asked now; ${when}`;
  }
  if (code === 'ERR_REQUEST_REFUSED')
    return `every account of ${provider} refuses this request in the same way; it is sent again ${again} at the earliest`;
  // Each hung account has cost its whole time; a server that says that it is overloaded costs the gateway nothing to ask.
  if (code === 'ERR_PROVIDER_UNAVAILABLE' && failure?.class === 'timeout')
    return `${provider} timed out, whichever of ${attempts.length} accounts was asked; it is asked again ${again}`;
  return undefined;
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
