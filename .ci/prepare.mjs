// Makes a fresh clone ready: installs what package-lock.json names, builds the addon. Does nothing that is current.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function newestSource() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join('src', String(name)));
  return Math.max(...[...sources, 'Cargo.toml', 'Cargo.lock', 'build.rs', 'package.json'].map(modified));
}

function oldestProduct() {
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'));
  if (addons.length === 0) return 0;
  return Math.min(...[...addons, 'index.js', 'index.d.ts'].map(modified));
}

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // Not `npm ci`: it refuses a lock file without the tools' optional packages for other platforms, and a registry that
  // lags behind leaves them out. `--no-save` keeps both package files as they are.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (oldestProduct() < newestSource()) run('npm', ['run', '--silent', 'build']);
