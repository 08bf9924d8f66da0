// Builds the addon for this machine and notes its profile. Arguments go to `napi build`.
import { spawnSync } from 'node:child_process';

import { recordProfile, root } from './addon.mjs';

const options = process.argv.slice(2);
const { status } = spawnSync('npx', ['--no-install', 'napi', 'build', '--platform', ...options], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(status ?? 1);
recordProfile(options.includes('--release') ? 'release' : 'debug');
