// The plugin's entry, as the gateway loads it: ES modules here, because only `import()` finds the gateway's SDK, which is
// not installed beside us. Everything else is in the CommonJS files next to it.
//
// The folder that `auth-failover openclaw setup` writes has a copy of this file, with two lines of its own: where the
// package lies, and the defaults (src/cli/setup/plugin_folder.rs). A gateway lends its SDK to the files of a plugin's own
// folder; gateways before 2026.8 to no others.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const home = import.meta.url;
const defaults = {};

const require = createRequire(home);
const { createPlugin } = require('./plugin.js');
const { extensionsBeside } = require('./bundled.js');

/** `dist/extensions` of the gateway that loads us: its own plugins. Its names can be resolved while it loads us only. */
const extensionsDir = (() => {
  try {
    return join(dirname(require.resolve('openclaw/plugin-sdk/agent-runtime')), '../extensions');
  } catch {
    return extensionsBeside(process.argv[1]);
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

export default createPlugin({ sdk, defaults });
