// An extension of pi (0.50 to 0.70.6): its requests of the API `google-gemini-cli` go through this package.
import { streamSimpleGoogleGeminiCli } from '../index.js';

const api = 'google-gemini-cli';

export const createExtension = (settings) => (pi) =>
  pi.registerProvider(api, {
    api,
    // The operator's settings come after what pi passes: pi names every option, with `undefined` or a default of its own.
    streamSimple: (model, context, options) =>
      streamSimpleGoogleGeminiCli(model, context, {
        rateLimitText: 'quota',
        ...options,
        ...settings,
        headers: { ...options?.headers, ...settings?.headers },
      }),
  });

/** What pi calls when it loads the extension. */
export default createExtension();
