// Started with --import: whoever asks for pi-ai's Gemini CLI provider gets provider.mjs. pi 0.49.3 knows no registry of
// providers, so the module itself is swapped, as a gateway that cannot patch the package would do it.
import { register } from 'node:module';

register('./swap-hooks.mjs', import.meta.url);
