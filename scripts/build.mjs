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
// An addon for another platform lies elsewhere and is nobody's to run here.
if (!options.includes('--output-dir')) recordProfile(options.includes('--release') ? 'release' : 'debug');
