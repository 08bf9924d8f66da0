'use strict';
// What the gateway registers: for each of the user's providers, a wrapper around its requests. Whatever is missing, on
// this machine or in this gateway, the plugin steps aside with one line, and the gateway works as without it.

const { whyUnsupported } = require('../supported.js');
const { readSettings } = require('./settings.js');
const { createLog } = require('./log.js');
const bundled = require('./bundled.js');
const { createPins } = require('./pins.js');
const { createRotation } = require('./rotation.js');

const ID = 'auth-failover';

/** `sdk`: the gateway's own modules, as functions that import them. `defaults`: what the configuration need not repeat. */
function createPlugin({ sdk, defaults }) {
  return {
    id: ID,
    name: ID,
    description: 'When an account is rate-limited, the next one answers at once',
    register: (api) => register(api, sdk, defaults),
  };
}

function register(api, sdk, defaults) {
  // What it serves does not depend on how it is loaded, so a registration for discovery is the same.
  const settings = readSettings({ ...defaults, ...api.pluginConfig });
  const log = createLog(api.logger, settings.logLevel);
  const absent = whatIsAbsent(api);
  if (absent) return log.warn(`steps aside: ${absent}`);
  if (settings.providers.length === 0) {
    return log.warn(`serves nobody yet: set plugins.entries.${ID}.config.providers`);
  }
  const isOwnPlugin = (id) => bundled.hasPlugin(sdk.extensionsDir, id);
  const wrapStreamFn = createRotation({ sdk, settings, log, pinOf: createPins(api), isOwnPlugin });
  for (const id of settings.providers) {
    const registration = registrationFor(id, { api, log, sdk, wrapStreamFn });
    if (registration) api.registerProvider(registration);
  }
}

function registrationFor(id, { api, log, sdk, wrapStreamFn }) {
  const folder = bundled.folderOf(sdk.extensionsDir, id);
  if (!folder) return { id, label: id, auth: [], wrapStreamFn };
  // The gateway asks only plugins whose manifest names such a provider; a registration of ours would displace its own
  // and serve nobody.
  if (!bundled.isDeclared(api.rootDir, id)) {
    log.warnOnce(`leaves ${id} to the gateway: for its own providers, run \`npx auth-failover openclaw setup\``);
    return undefined;
  }
  try {
    const own = bundled.registrationOf(folder, id, api, sdk.load);
    if (own?.prepareRuntimeAuth) {
      log.warnOnce(`leaves ${id} to the gateway: it exchanges each account's credential for another one`);
      return undefined;
    }
    if (own) return { ...own, wrapStreamFn: around(own.wrapStreamFn, wrapStreamFn) };
  } catch (error) {
    log.warnOnce(`leaves ${id} to the gateway: its own registration cannot be read (${error.message})`);
    return undefined;
  }
  log.warnOnce(`leaves ${id} to the gateway: its own plugin registers no such provider`);
  return undefined;
}

/** Our wrapper is the outer one, so that each attempt is shaped by the gateway's own. */
function around(own, ours) {
  return (ctx) => {
    const streamFn = own?.(ctx) ?? ctx.streamFn;
    return ours({ ...ctx, streamFn }) ?? streamFn;
  };
}

function whatIsAbsent(api) {
  if (typeof api.registerProvider !== 'function') return 'this gateway has no registerProvider';
  const fault = whyUnsupported();
  return fault?.message.split('\n', 2).join(' ');
}

module.exports = { createPlugin };
