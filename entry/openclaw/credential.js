'use strict';
// How each API takes its credential. The gateway sets its own choice's below us, in the transport's client; a header that
// is passed with the request goes before it.

const BY_API = {
  'anthropic-messages': (key) => (isLoginToken(key) ? bearer(key) : { 'x-api-key': key }),
  'google-generative-ai': (key) => ({ 'x-goog-api-key': key }),
  'azure-openai-responses': (key) => ({ 'api-key': key }),
};

function bearer(key) {
  return { Authorization: `Bearer ${key}` };
}

/** Tokens of a login, which go as a bearer token where keys do not. */
function isLoginToken(key) {
  return key.includes('sk-ant-oat');
}

/** The headers that make a request this account's. */
function headersFor({ api, provider }, key) {
  return (BY_API[api] ?? bearer)(key, provider);
}

/** The request's headers without any account's, whatever their case. */
function withCredential(headers, model, key) {
  const own = headersFor(model, key);
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const others = Object.entries(headers ?? {}).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...own };
}

module.exports = { withCredential };
