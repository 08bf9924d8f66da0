// Resolve hook of swapped-pi.mjs: whoever asks for pi-ai's Gemini CLI provider gets ours.
const original = '/pi-ai/dist/providers/google-gemini-cli.js';
const ours = new URL('swapped-provider.mjs', import.meta.url).href;

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  return found.url.endsWith(original) ? { url: ours, format: 'module', shortCircuit: true } : found;
}
