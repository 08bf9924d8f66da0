'use strict';
// One request of the gateway, asked of one account after the other until one answers. The loop and its rules are the
// package's own; here the gateway's request is carried into it.

const { describeAuthProfiles, runWithAuthProfiles } = require('../main.js');
const { createAccounts } = require('./accounts.js');
const { ask } = require('./attempt.js');
const { createBooks } = require('./books.js');
const { canCarry } = require('./credential.js');
const { loadHost } = require('./host.js');
const { abortedMessage, failedMessage } = require('./last-message.js');
const { createUnwell } = require('./unwell.js');

const ID = 'auth-failover';

/** Gives the `wrapStreamFn` of a provider. `pinOf` tells the account that a session's user has pinned. */
function createRotation({ sdk, settings, log, pinOf, isOwnPlugin }) {
  const unwell = createUnwell();
  const owners = new Set();
  let loading;
  const load = () => {
    loading ??= prepare(sdk, log).catch((error) => {
      log.warnOnce(`steps aside: this gateway lacks an interface: ${error.message}`);
      return null;
    });
    return loading;
  };

  return function wrapStreamFn(ctx) {
    const inner = ctx.streamFn;
    if (!inner || !ctx.agentDir) return undefined;
    return async (model, context, options = {}) => {
      const parts = isServed(model) && (await load());
      if (!parts) return inner(model, context, options);
      warnOfOwner(parts.host, ctx);
      const pin = pinOf(parts.host, { agentId: ctx.agentId, sessionId: options.sessionId });
      const accounts = await accountsFor(parts, ctx, { model, pin, log });
      if (!accounts || accounts.ids.length === 0) return inner(model, context, options);
      return rotate({ ...parts, ctx, inner, model, context, options, settings, log, unwell, accounts, pin });
    };
  };

  /** A plugin that somebody has installed for the same provider cannot be taken in, as the gateway's own can. */
  function warnOfOwner({ ownersOfProvider }, { config, provider }) {
    if (owners.has(provider)) return;
    owners.add(provider);
    const installed = ownersOfProvider?.({ provider, config })?.filter((id) => id !== ID && !isOwnPlugin(id));
    if (installed?.length) {
      log.warn(`${provider} belongs to the plugin ${installed[0]}, whose hooks do not act while it is named here`);
    }
  }

  function isServed({ api, provider }) {
    if (canCarry(api)) return true;
    log.warnOnce(
      `leaves ${provider} to the gateway for models of the API ${api}: a request cannot carry another account`,
    );
    return false;
  }
}

async function prepare(sdk, log) {
  const host = await loadHost(sdk);
  return { host, source: createAccounts(host), books: createBooks(host, log) };
}

async function accountsFor({ source }, { agentDir, config, provider }, { model, pin, log }) {
  try {
    return await source.of({ agentDir, config, provider, model: model.id, pin });
  } catch (error) {
    log.warnOnce(`leaves ${provider} to the gateway: its accounts cannot be mirrored (${error.message})`);
    return null;
  }
}

/** Gives the stream at once, and fills it. */
function rotate(request) {
  const { host, model, options, log } = request;
  const out = host.createStream();
  const seen = { failed: 0, turnedAway: [], answered: undefined, last: undefined, lines: Promise.resolve() };
  run(request, out, seen).then(
    () => tellBooks(request, seen),
    async (error) => {
      const isAborted = options.signal?.aborted;
      const told = tellBooks(request, seen);
      // The gateway looks into its books for the next account to try: it should find there that all of them rest.
      if (error?.code === 'ERR_NO_PROFILE_AVAILABLE' && !isAborted) await told;
      const message = isAborted ? abortedMessage(model, seen.last) : failedMessage(error, model, seen.last);
      if (!isAborted) log.debug(`${request.ctx.provider}: ${message.errorMessage}`);
      out.push({ type: 'error', reason: message.stopReason, error: message });
    },
  );
  return out;
}

function tellBooks({ ctx, accounts, books }, seen) {
  if (seen.failed === 0 && seen.answered === accounts.ids[0]) return undefined;
  return books.tell({ agentDir: ctx.agentDir, storeDir: accounts.storeDir, provider: ctx.provider });
}

async function run(request, out, seen) {
  const { ctx, model, context, options, unwell, accounts, pin } = request;
  const place = `${ctx.provider} ${model.id}`;
  seen.answers = (profileId) => unwell.note(place, options.sessionId, profileId, seen.turnedAway);
  await runWithAuthProfiles({
    ...limitsOf(request),
    provider: ctx.provider,
    model: model.id,
    baseUrl: model.baseUrl || undefined,
    agentDir: accounts.storeDir,
    cfg: accounts.isOrdered ? { auth: { order: { [ctx.provider]: accounts.ids } } } : undefined,
    sessionKey: options.sessionId,
    requestKey: keyOf(context, options),
    preferredProfile: pin ?? unwell.preferred(place, options.sessionId, accounts.ids, accounts.isOrdered),
    signal: options.signal,
    resolveSecret: (_reference, { profileId: id, signal }) =>
      request.source.secretOf({ agentDir: ctx.agentDir, config: ctx.config, profileId: id, signal }),
    onEvent: (event) => tell(request, event, seen),
    run: (attempt) => ask(request, attempt, out, seen),
  });
}

/**
 * The same when the gateway sends the same request of the same turn once more, whatever it has noted beside it. It is
 * stored as a hash.
 */
function keyOf({ messages }, { requestId, sessionId }) {
  const place = requestId ?? sessionId;
  return place && messages?.length ? `${place} ${JSON.stringify(messages.at(-1).content)}` : undefined;
}

function limitsOf({ settings, accounts, pin }) {
  const { firstByteTimeoutMs, idleTimeoutMs, timeoutMs, maxAttempts } = settings;
  return {
    strategy: pin ? 'pinned' : settings.strategy,
    firstByteTimeoutMs,
    idleTimeoutMs,
    timeoutMs,
    maxAttempts,
    // A server that turns one account away, or lets it wait, may answer the next: each is asked before it counts as down.
    endpointAttempts: settings.endpointAttempts ?? Math.max(3, accounts.ids.length),
    timeoutAttempts: settings.endpointAttempts ?? Math.max(2, accounts.ids.length),
  };
}

function tell(request, event, seen) {
  const { log, ctx } = request;
  const say = (text) => {
    seen.lines = seen.lines.then(text).then(log.info, () => {});
  };
  if (event.type === 'failed') {
    seen.failed += 1;
    if (event.failure.scope === 'endpoint' || event.failure.class === 'timeout') seen.turnedAway.push(event.profileId);
    say(() => refusalLine(request, event));
  }
  if (event.type === 'succeeded') {
    seen.answered = event.profileId;
    const { failed } = seen;
    if (failed > 0) say(() => `${ctx.provider}: ${event.profileId} answered after ${failed} that did not`);
  }
}

/** Account, reason, and until when it rests. */
async function refusalLine({ ctx, model, accounts }, { profileId, failure }) {
  const { profiles } = await describeAuthProfiles({
    agentDir: accounts.storeDir,
    provider: ctx.provider,
    model: model.id,
  });
  const until = profiles.find((profile) => profile.profileId === profileId)?.until;
  const status = failure.status ? ` (${failure.status})` : '';
  const rest = until ? `rests until ${new Date(until).toISOString()}` : 'does not rest for it';
  return `${ctx.provider}: ${profileId} did not answer: ${failure.class}${status}; it ${rest}`;
}

module.exports = { createRotation };
