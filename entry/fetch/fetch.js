'use strict';
// A `fetch` that asks one account after the other: every attempt is one of the loop's, and lasts until its body is over.

const { placed } = require('./credential.js');
const { Reader } = require('./reader.js');
const { RefusedAnswer, copyOf, responseFor } = require('./refused.js');
const requested = require('./requested.js');

const MAX_REPLAY_BYTES = 8 * 1024 * 1024;
/** An error comes at once, or after an answer has begun: nobody waits longer than this to learn that. */
const DECIDE_MS = 5_000;

/**
 * `run(params)` is the loop: `runWithAuthProfiles`, or a handle's. `settings`: `fetch`, `credential`, `baseURL`,
 * `maxReplayBytes`, `sessionKey`, `idleTimeoutMs`, `onEvent`.
 */
exports.createFetch = (run, settings = {}) => {
  const known = { ...settings, maxReplayBytes: settings.maxReplayBytes ?? MAX_REPLAY_BYTES };
  return async function fetch(input, init) {
    const request = await requested.read(input, init, known);
    return new Promise((resolve, reject) => {
      // Emptied with the answer: whoever can resolve a promise holds what it was resolved with, and the run goes on.
      const caller = { resolve, reject };
      const params = { run: (context) => ask(context, request, known, caller), ...paramsOf(request, known) };
      Promise.resolve(run(params)).then(
        () => {},
        (error) => refuse(caller, error, request),
      );
    });
  };
};

function answer(caller, response) {
  caller.resolve(response);
  caller.resolve = caller.reject = null;
}

/** The run has failed: with a response, if one tells it, else with its error. */
function refuse(caller, error, request) {
  if (!caller.resolve) return;
  try {
    const response = responseFor(error, request);
    if (response) caller.resolve(response);
    else caller.reject(error);
  } catch (fault) {
    // Whatever it is, the caller gets to know it.
    caller.reject(fault);
  }
}

/** What the loop is told of the request. */
function paramsOf(request, settings) {
  // Silence is timed by the reader, who knows who is waiting for whom.
  const params = { signal: request.signal, model: request.model, idleTimeoutMs: null };
  const { sessionKey } = settings;
  const session = request.session ?? (typeof sessionKey === 'function' ? sessionKey(request) : sessionKey);
  if (session !== undefined && session !== null) params.sessionKey = String(session);
  if (request.isOnce) {
    params.maxAttempts = 1;
    settings.onEvent?.({ type: 'once', at: Date.now(), maxReplayBytes: settings.maxReplayBytes });
  }
  return params;
}

/** One attempt. The caller gets his response as soon as it is one; the attempt goes on until its body has ended. */
async function ask(context, request, settings, caller) {
  const [url, headers] = placed(request, profileOf(context), settings);
  const network = settings.fetch ?? globalThis.fetch;
  const response = await network(...requested.argumentsFor(request, url, headers, signalOf(request, context)));
  if (response.status >= 400) return response;
  if (!request.isJudged || typeof response.body?.getReader !== 'function') {
    context.deliver();
    answer(caller, response);
    return undefined;
  }
  const idleMs = settings.idleTimeoutMs ?? null;
  const contentType = response.headers.get('content-type') ?? '';
  const reader = new Reader(response.body, contentType, context, idleMs, request.signal);
  if (!(await reader.decide(settings.decideMs ?? DECIDE_MS))) {
    throw reader.refuse((ending, chunks) => new RefusedAnswer(response, ending, chunks));
  }
  context.deliver();
  give(caller, response, reader);
  return over(reader, response);
}

/** The attempt's; where that is over before the body is, the caller's beside it. */
function signalOf({ isJudged, signal }, context) {
  return isJudged || !signal ? context.signal : AbortSignal.any([context.signal, signal]);
}

/** Apart, so that nothing of the attempt holds the caller's body. */
function give(caller, response, reader) {
  answer(caller, copyOf(response, reader.stream()));
}

/** How the answer ended; what cut it short is what the attempt failed with. */
async function over(reader, response) {
  try {
    return await reader.ended;
  } catch (error) {
    throw error ?? new RefusedAnswer(response, reader.ending, []);
  }
}

/** What is the account's own. */
function profileOf({ profileId, apiKey, credential, baseURL, headers }) {
  return { id: profileId, apiKey, credential, baseURL: baseURL ?? null, headers: headers ?? null };
}
