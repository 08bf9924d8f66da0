'use strict';
// The plugin's configuration. The gateway checks it by the manifest's schema; a folder that was written by
// `auth-failover openclaw plugin` has defaults that nobody checked, and older gateways check less.

const { configSchema } = require('../../openclaw.plugin.json');

const DEFAULTS = { providers: [], strategy: 'balanced', firstByteTimeoutMs: 60_000, logLevel: 'info' };

/** Throws a `TypeError` that names the field. */
function readSettings(given) {
  const settings = { ...DEFAULTS };
  for (const [field, value] of Object.entries(given)) {
    const schema = configSchema.properties[field];
    if (!schema) refuse(field, `there is no such field; known are ${Object.keys(configSchema.properties).join(', ')}`);
    if (value === undefined || value === null) continue;
    const fault = faultOf(value, schema);
    if (fault) refuse(field, fault);
    settings[field] = value;
  }
  return settings;
}

function refuse(field, fault) {
  const message = `plugins.entries.auth-failover.config.${field}: ${fault}`;
  throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARGUMENT', field });
}

/** As much of JSON Schema as the manifest uses. */
function faultOf(value, schema) {
  if (schema.enum && !schema.enum.includes(value)) return `must be one of ${schema.enum.join(', ')}`;
  if (schema.type === 'integer') {
    return Number.isInteger(value) && value >= schema.minimum ? null : `must be a whole number from ${schema.minimum}`;
  }
  if (schema.type === 'string') {
    return typeof value === 'string' && value.trim().length >= (schema.minLength ?? 0) ? null : 'must be a text';
  }
  if (!Array.isArray(value)) return 'must be a list';
  return value.every((item) => faultOf(item, schema.items) === null) ? null : 'must be a list of texts';
}

module.exports = { readSettings };
