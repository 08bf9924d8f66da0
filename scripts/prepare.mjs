// Makes a fresh clone ready: installs what package-lock.json names, builds the addon, fetches the hosts of tests. Does
// nothing that is current.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { builtAddon, isCurrent, modified, root } from './addon.mjs';
import { fetchHosts } from './hosts.mjs';

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

if (modified(join(root, 'node_modules/.package-lock.json')) < modified(join(root, 'package-lock.json'))) {
  // Not `npm ci`: it refuses a lock file without the tools' optional packages for other platforms, and a registry that
  // lags behind leaves them out. `--no-save` keeps both package files as they are.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}
const addon = builtAddon();
if (addon?.profile !== 'release' || !isCurrent(addon)) run('npm', ['run', '--silent', 'build']);
fetchHosts();
