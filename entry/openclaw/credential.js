'use strict';
// How each API takes its credential. The gateway's transports set the key of its own choice; a header that is passed with
// the request goes before it. Seen on the transports of openclaw 2026.9.6, see docs/openclaw.md.

const BY_API = {
  'openai-completions': bearer,
  'openai-responses': bearer,
  'anthropic-messages': (key) => (isLoginToken(key) ? bearer(key) : { 'x-api-key': key }),
  'google-generative-ai': (key) => ({ 'x-goog-api-key': key }),
};

function bearer(key) {
  return { Authorization: `Bearer ${key}` };
}

/** Tokens of a login, which go as a bearer token where keys do not. */
function isLoginToken(key) {
  return key.includes('sk-ant-oat');
}

/**
 * Whether an account's credential can be passed with a request. Not for `openai-chatgpt-responses`: its transport sets the
 * token and the account id after ours. Not for APIs that sign their requests.
 */
function canCarry(api) {
  return Object.hasOwn(BY_API, api);
}

/** The request's headers with this account's credential, and no other's, whatever the case of their names. */
function withCredential(headers, api, key) {
  const own = BY_API[api](key);
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const others = Object.entries(headers ?? {}).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...own };
}

module.exports = { canCarry, withCredential };
