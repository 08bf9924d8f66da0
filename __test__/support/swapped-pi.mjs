// pi's real session in the version of the hosts up to 1.29 (0.49.3), its Gemini CLI provider swapped for ours. That
// version knows no registry of providers, so a resolve hook swaps the module itself.
import { register } from 'node:module';

register('./swap-hooks.mjs', import.meta.url);
export const pi = await import('@mariozechner/pi-coding-agent');
