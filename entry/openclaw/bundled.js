'use strict';
// Providers that a plugin of the gateway itself serves: anthropic, openai, google and so on. The gateway takes one
// registration for an id. So ours is the gateway's own, word for word, with our wrapper around its wrapper: its betas, its
// shaping of requests, its refresh and everything else stay as they are.

const fs = require('node:fs');
const path = require('node:path');

/** The gateway's own plugins, by the program that this process runs; `undefined` if that is no gateway. */
function extensionsBeside(program) {
  try {
    for (let folder = path.dirname(fs.realpathSync(program)); ; folder = path.dirname(folder)) {
      const file = path.join(folder, 'package.json');
      if (fs.existsSync(file)) {
        const { name } = JSON.parse(fs.readFileSync(file, 'utf8'));
        return name === 'openclaw' ? path.join(folder, 'dist', 'extensions') : undefined;
      }
      if (folder === path.dirname(folder)) return undefined;
    }
  } catch {
    return undefined;
  }
}

/** The folder of the gateway's own plugin for a provider; `undefined` where it has none. */
function folderOf(extensionsDir, providerId) {
  const folders = namesIn(extensionsDir).map((name) => path.join(extensionsDir, name));
  return folders.find((folder) => isDeclared(folder, providerId));
}

/** Whether a plugin is the gateway's own. */
function hasPlugin(extensionsDir, id) {
  return namesIn(extensionsDir).includes(id);
}

/** Whether the manifest of a plugin names a provider. */
function isDeclared(folder, providerId) {
  return manifestOf(folder)?.providers?.includes(providerId) ?? false;
}

function namesIn(directory) {
  if (!directory) return [];
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

function manifestOf(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'openclaw.plugin.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * What the gateway's own plugin registers for a provider, by letting it register with us; nothing else that it registers
 * goes anywhere. `load` is a `require` that can load the gateway's modules.
 */
function registrationOf(folder, providerId, api, load) {
  const entry = load(path.join(folder, 'index.js'));
  let found;
  const listener = new Proxy(api, {
    get(target, name) {
      if (name === 'registerProvider') {
        return (provider) => {
          if (provider.id === providerId) found = provider;
        };
      }
      const registers = /^(register|hook|on$)/.test(String(name));
      return registers ? () => undefined : target[name];
    },
  });
  (entry.default ?? entry).register(listener);
  return found;
}

module.exports = { extensionsBeside, folderOf, hasPlugin, isDeclared, registrationOf };
