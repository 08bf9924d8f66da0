// An extension of pi (0.50 to 0.70.6): requests of the API `google-gemini-cli` go through this package.
import { streamSimpleGoogleGeminiCli } from '../index.js';

const api = 'google-gemini-cli';

export function registerGeminiCli(pi, options) {
  pi.registerProvider(api, {
    api,
    // pi repeats by itself what is worded as a 429, on the same account.
    streamSimple: (model, context, given) =>
      streamSimpleGoogleGeminiCli(model, context, { rateLimitText: 'quota', ...given, ...options }),
  });
}

/** What pi calls when it loads the extension. */
export default function extension(pi) {
  registerGeminiCli(pi);
}
