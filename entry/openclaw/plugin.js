'use strict';
// What the gateway registers: for each of the user's providers, a wrapper around its requests. Whatever is missing, on
// this machine or in this gateway, the plugin steps aside with one line, and the gateway works as without it.

const { whyUnsupported } = require('../supported.js');
const { readSettings } = require('./settings.js');
const { createLog } = require('./log.js');
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
  const wrapStreamFn = createRotation({ sdk, settings, log, pinOf: createPins(api) });
  for (const id of settings.providers) api.registerProvider({ id, label: id, auth: [], wrapStreamFn });
}

function whatIsAbsent(api) {
  if (typeof api.registerProvider !== 'function') return 'this gateway has no registerProvider';
  const fault = whyUnsupported();
  return fault?.message.split('\n', 2).join(' ');
}

module.exports = { createPlugin };
