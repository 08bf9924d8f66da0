'use strict';
// One request of the gateway, asked of one account after the other until one answers. The loop and its rules are the
// package's own; here the gateway's stream is carried into it and out again.

const { runWithAuthProfiles } = require('../main.js');
const { createAccounts } = require('./accounts.js');
const { withCredential } = require('./credential.js');
const { thrownOf } = require('./evidence.js');
const { unavailableMessage } = require('./unavailable-message.js');

/** Events of which nothing has reached a reader yet. */
const EMPTY = new Set(['start', 'text_start', 'thinking_start']);

function createRotation({ sdk, settings, log }) {
  let host;
  const load = () => {
    host ??= loadHost(sdk).catch((error) => {
      log.warnOnce(`steps aside: this gateway lacks an interface (${error.message})`);
      return null;
    });
    return host;
  };

  return (ctx) => {
    const inner = ctx.streamFn;
    if (!inner || !ctx.agentDir) return inner;
    return async (model, context, options) => {
      const found = await load();
      if (!found) return inner(model, context, options);
      const request = { ctx, inner, model, context, options: options ?? {}, settings, log, host: found };
      const accounts = await found.accounts
        .of({ agentDir: ctx.agentDir, config: ctx.config, provider: ctx.provider })
        .catch((error) => {
          log.warnOnce(`asks the gateway's own choice: its accounts cannot be read (${error.message})`);
          return null;
        });
      if (!accounts || accounts.ids.length === 0) return inner(model, context, options);
      return rotate(request, accounts);
    };
  };
}

async function loadHost(sdk) {
  const [agentRuntime, events, activity] = await Promise.all([sdk.agentRuntime(), sdk.events(), sdk.activity()]);
  const needed = { ...agentRuntime, ...events };
  for (const name of [
    'ensureAuthProfileStore',
    'resolveAuthProfileOrder',
    'resolveApiKeyForProfile',
    'listProfilesForProvider',
    'createAssistantMessageEventStream',
  ]) {
    if (typeof needed[name] !== 'function') throw new Error(`no ${name}`);
  }
  return {
    accounts: createAccounts(agentRuntime),
    createStream: events.createAssistantMessageEventStream,
    onActivity: activity.onLlmRequestActivity,
    notifyActivity: activity.notifyLlmRequestActivity,
  };
}

/** Gives the stream at once, and fills it. */
function rotate(request, accounts) {
  const { host, model, options, log } = request;
  const out = host.createStream();
  const seen = { refused: [], last: undefined };
  run(request, accounts, out, seen).catch((error) => {
    const message = options.signal?.aborted ? aborted(model, seen.last) : failed(error, model, seen.last);
    if (!options.signal?.aborted) log.debug(`${request.ctx.provider}: ${message.errorMessage}`);
    out.push({ type: 'error', reason: message.stopReason, error: message });
  });
  return out;
}

async function run(request, accounts, out, seen) {
  const { ctx, model, options, settings, host } = request;
  await runWithAuthProfiles({
    provider: ctx.provider,
    model: model.id,
    baseUrl: model.baseUrl || undefined,
    agentDir: accounts.storeDir,
    cfg: accounts.isOrdered ? { auth: { order: { [ctx.provider]: accounts.ids } } } : undefined,
    sessionKey: options.sessionId,
    signal: options.signal,
    strategy: settings.strategy,
    firstByteTimeoutMs: settings.firstByteTimeoutMs,
    idleTimeoutMs: settings.idleTimeoutMs,
    timeoutMs: settings.timeoutMs,
    maxAttempts: settings.maxAttempts,
    endpointAttempts: settings.endpointAttempts ?? Math.max(3, accounts.ids.length),
    resolveSecret: (_reference, { profileId, signal }) =>
      host.accounts.secretOf({ agentDir: ctx.agentDir, config: ctx.config, profileId, signal }),
    onEvent: (event) => tell(request, event, seen),
    run: (attempt) => ask(request, attempt, out, seen),
  });
}

/** One attempt: the events wait until there is one that matters, then they go out as they come. */
async function ask({ inner, model, context, options, host }, attempt, out, seen) {
  const { signal, progress, deliver } = attempt;
  const stop = host.onActivity?.(signal, () => {
    progress();
    if (options.signal) host.notifyActivity?.(options.signal);
  });
  let held = [];
  let delivered = 0;
  try {
    const headers = withCredential(options.headers, model.api, attempt.apiKey);
    const stream = await inner(model, context, { ...options, signal, headers });
    for await (const event of stream) {
      if (event.type === 'error') {
        seen.last = event.error;
        throw Object.assign(thrownOf(event.error), { eventsDelivered: delivered });
      }
      if (held && EMPTY.has(event.type)) {
        held.push(event);
        continue;
      }
      // What is on its way out when the attempt's time is over belongs to nobody.
      signal.throwIfAborted();
      deliver();
      for (const early of held ?? []) out.push(early);
      held = null;
      out.push(event);
      delivered += 1;
      if (event.type === 'done') return event.message;
    }
    throw Object.assign(new Error('the stream ended without a last event'), {
      code: 'ECONNRESET',
      eventsDelivered: delivered,
    });
  } finally {
    stop?.();
  }
}

function tell({ ctx, log }, event, seen) {
  const who = `${ctx.provider}/${event.profileId}`;
  if (event.type === 'failed') {
    const { failure } = event;
    const until = event.until ? ` until ${new Date(event.until).toISOString()}` : '';
    seen.refused.push(event.profileId);
    log.info(`${who} did not answer: ${failure.class}${until}`);
  }
  if (event.type === 'succeeded' && seen.refused.length > 0) {
    log.info(`${who} answered after ${seen.refused.length} that did not`);
  }
}

function failed(error, model, last) {
  const told = unavailableMessage(error);
  const own = last ?? emptyMessage(model);
  if (told) return { ...own, ...told, stopReason: 'error' };
  return last
    ? { ...last, stopReason: 'error' }
    : { ...own, stopReason: 'error', errorMessage: error?.message ?? String(error) };
}

function aborted(model, last) {
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

module.exports = { createRotation };
