// What stands in for pi-ai's provider; `request` in the program's argument adds options to every request.
import { streamGoogleGeminiCli as ours } from '../../../index.js';
import { argument } from '../child.mjs';

const { request } = argument();

export const streamGoogleGeminiCli = (model, context, options) =>
  ours(model, context, { ...options, ...request, proxy: false });
