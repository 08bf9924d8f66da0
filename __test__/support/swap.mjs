// Started with --import: pi-ai's Gemini CLI provider is swapped for ours before anything asks for it, as a gateway does
// that cannot patch the package.
import { register } from 'node:module';

register('./swap-hooks.mjs', import.meta.url);
