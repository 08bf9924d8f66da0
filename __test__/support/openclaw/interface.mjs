// The gateway's plugin interface as far as the plugin uses it, in one place: the stand-in beside this file is made of it,
// and `npm run test:openclaw` compares it with the real gateway. Seen on openclaw 2026.9.6.

/** Modules that the plugin imports, with what it takes from them. `optional`: it goes without where it is not there. */
export const modules = {
  'openclaw/plugin-sdk/agent-runtime': {
    needed: ['ensureAuthProfileStore', 'resolveAuthProfileOrder', 'resolveApiKeyForProfile', 'listProfilesForProvider'],
    optional: ['resolvePersistedAuthProfileOwnerAgentDir'],
  },
  'openclaw/plugin-sdk/llm': { needed: ['createAssistantMessageEventStream'], optional: [] },
  'openclaw/plugin-sdk/provider-stream-shared': {
    needed: [],
    optional: ['onLlmRequestActivity', 'notifyLlmRequestActivity'],
  },
  'openclaw/plugin-sdk/session-store-runtime': { needed: [], optional: ['getSessionEntry'] },
  'openclaw/plugin-sdk/provider-catalog-runtime': { needed: [], optional: ['resolveOwningPluginIdsForProvider'] },
  'openclaw/plugin-sdk/provider-auth': { needed: [], optional: ['updateAuthProfileStoreWithLock'] },
};

/** Fields of the `api` that `register` gets. */
export const apiFields = ['pluginConfig', 'logger', 'registerProvider', 'on', 'rootDir'];

/** Fields of what `wrapStreamFn` gets that the plugin reads. `streamFn` sets the key of the gateway's own choice. */
export const wrapContextFields = ['config', 'agentDir', 'agentId', 'provider', 'modelId', 'model', 'streamFn'];

/** Fields of a request's options that the plugin reads; it passes all of them on. */
export const requestOptionFields = ['sessionId', 'signal', 'headers'];

/** The event by which the plugin learns which session a request belongs to; it comes before the request. */
export const sessionEvent = { name: 'model_call_started', fields: ['sessionId', 'sessionKey'] };

/** APIs whose transports let a header of the request go before the credential that they set, and the header's name. */
export const credentialHeaders = {
  'openai-completions': 'authorization',
  'openai-responses': 'authorization',
  'anthropic-messages': 'x-api-key',
  'google-generative-ai': 'x-goog-api-key',
};

/** Where the gateway keeps the plugins for its own providers, from `openclaw/plugin-sdk/agent-runtime`. */
export const ownPlugins = '../extensions';

/** Events of a stream that hold nothing for a reader yet. */
export const emptyEvents = ['start', 'text_start', 'thinking_start'];

/**
 * How a transport words a refusal whose body is of OpenAI's form, or empty: fields of the message that ends its stream.
 * `isOlder`: as gateways before 2026.8 do, which do not tell the server's wait.
 */
export function refusal({ status, body, retryAfterSeconds }, isOlder = false) {
  const error = body ? JSON.parse(body).error : undefined;
  const words = error ? `${status} ${error.message}` : `${status} status code (no body)`;
  const isTold = retryAfterSeconds !== undefined && !isOlder;
  return {
    errorMessage: words + (isTold ? `; Retry-After: ${retryAfterSeconds} seconds` : ''),
    errorCode: error?.code ?? String(status),
    ...(error?.type && { errorType: error.type }),
    ...(error && { errorBody: isOlder ? JSON.stringify(error) : sorted(error) }),
  };
}

/** As the transport writes a body: keys in order, at most 500 characters. */
const sorted = (error) => JSON.stringify(Object.fromEntries(Object.entries(error).sort())).slice(0, 500);

/** Texts that keep the gateway from asking the same account again, and from sleeping (`hasLongWindowRateLimitEvidence`). */
export const endsRetries = /\b(?:daily|weekly|monthly|usage limit|subscription|quota[_ -]?exceeded)\b/i;
