// The entry that pi and the gateways built on it load: it registers the native request in the place of the built-in
// one, for every provider whose models use the same API. All logic is in the native exports.
const { streamSimpleGoogleGeminiCli } = require('./main.js');

const api = 'google-gemini-cli';

function createExtension(settings) {
  const streamSimple = (model, context, options) =>
    streamSimpleGoogleGeminiCli(model, context, {
      rateLimitText: 'quota',
      // pi names every option it knows, most of them `undefined`, and some with a default of its own.
      ...options,
      ...settings,
      headers: { ...options?.headers, ...settings?.headers },
    });
  return (pi) => pi.registerProvider(api, { api, streamSimple });
}

module.exports = createExtension();
module.exports.createExtension = createExtension;
