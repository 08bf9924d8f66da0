// The entry that pi and the gateways built on it load: it registers the native request in the place of the built-in
// one, for every provider whose models use the same API. All logic is in the native exports.
const { streamSimpleGoogleGeminiCli } = require('./index.js');

const api = 'google-gemini-cli';

// pi names every option it knows, most of them as `undefined`: those leave the setting as it is.
const stated = (options) =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));

function createExtension(settings) {
  const defaults = { rateLimitText: 'quota', ...settings };
  const streamSimple = (model, context, options) => {
    const headers = { ...defaults.headers, ...options?.headers };
    return streamSimpleGoogleGeminiCli(model, context, { ...defaults, ...stated(options), headers });
  };
  return (pi) => pi.registerProvider(api, { api, streamSimple });
}

module.exports = createExtension();
module.exports.createExtension = createExtension;
