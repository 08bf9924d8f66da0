// Makes a fresh clone ready: installs what package-lock.json names, builds the addon, fetches the hosts of tests. Does nothing that is current.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { builtAddon, modified, root } from './addon.mjs';
import { fetchHosts } from './hosts.mjs';

const inRoot = (name) => join(root, name);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function newestSource() {
  const sources = readdirSync(inRoot('src'), { recursive: true }).map((name) => join('src', String(name)));
  return Math.max(...[...sources, 'Cargo.toml', 'Cargo.lock', 'build.rs', 'package.json'].map(inRoot).map(modified));
}

function isCurrent() {
  const addon = builtAddon();
  if (addon?.profile !== 'release') return false;
  return Math.min(...[addon.path, inRoot('index.js'), inRoot('index.d.ts')].map(modified)) >= newestSource();
}

if (modified(inRoot('node_modules/.package-lock.json')) < modified(inRoot('package-lock.json'))) {
  // Not `npm ci`: it refuses a lock file without the tools' optional packages for other platforms, and a registry that
  // lags behind leaves them out. `--no-save` keeps both package files as they are.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (!isCurrent()) run('npm', ['run', '--silent', 'build']);
fetchHosts();
