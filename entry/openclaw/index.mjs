// The plugin's entry, as the gateway loads it: ES modules here, because only `import()` finds the gateway's SDK, which is
// not installed beside us. Everything else is in the CommonJS files next to it.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const { createPlugin } = require('./plugin.js');

/** `dist/extensions` of the gateway that loads us: its own plugins. Its names can be resolved while it loads us only. */
const extensionsDir = (() => {
  try {
    return join(dirname(require.resolve('openclaw/plugin-sdk/agent-runtime')), '../extensions');
  } catch {
    return undefined;
  }
})();

// Written out one by one: the gateway's loader sees literal names only.
const sdk = {
  extensionsDir,
  load: require,
  agentRuntime: () => import('openclaw/plugin-sdk/agent-runtime'),
  events: () => import('openclaw/plugin-sdk/llm'),
  activity: () => import('openclaw/plugin-sdk/provider-stream-shared'),
  sessions: () => import('openclaw/plugin-sdk/session-store-runtime'),
  writes: () => import('openclaw/plugin-sdk/provider-auth'),
  catalog: () => import('openclaw/plugin-sdk/provider-catalog-runtime'),
};

export { createPlugin };
export const createConfiguredPlugin = (defaults) => createPlugin({ sdk, defaults });
export default createPlugin({ sdk });
