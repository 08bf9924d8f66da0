// What stands in for pi-ai's provider; `settings` are options that a test adds to every request.
import { streamGoogleGeminiCli as ours } from '../../index.js';

export const settings = { rateLimitText: 'quota' };

export const streamGoogleGeminiCli = (model, context, options) =>
  ours(model, context, { ...settings, ...options, proxy: false });
