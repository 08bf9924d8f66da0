// The hosts that the swap is tried on, as they were published. Tests talk to nobody but loopback, so `prepare.mjs`
// fetches them beforehand; as devDependencies they would bring 500 packages of which the tests need four.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from './addon.mjs';

const published = [
  {
    name: 'clawdbot',
    version: '2026.1.24-3',
    sha512: 'zt9BzhWXduq8ZZR4rfzQDurQWAgmijTTyPZCQGrn5ew6wCEwhxxEr2/NHG7IlCwcfRsKymsY4se9KMhoNz0JtQ==',
  },
  {
    name: 'openclaw',
    version: '2026.1.29',
    sha512: 'CVUOAH83BCrlnD56I1JahGVpg0mjp4fjJPdJg9q6Pijn/YdOopsfdInDqSeIEZwGtu/+0w69/uJccY23C9I+vg==',
  },
];

/** Ignored by git and left alone by `npm install`. */
export const cache = join(root, 'node_modules', '.cache', 'auth-failover');
const folderOf = ({ name, version }) => join(cache, `${name}-${version}`);

/** `{ name, version, folder }` of each host; `folder` has its package.json and dist. */
export const hosts = published.map((host) => ({ name: host.name, version: host.version, folder: folderOf(host) }));

/** Fetches what is not there yet. Throws if the registry has it no longer or has something else under its name. */
export function fetchHosts() {
  for (const host of published) if (!existsSync(folderOf(host))) fetchHost(host);
}

function fetchHost(host) {
  const scratch = join(cache, `fetching-${process.pid}`);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const tarball = download(host, scratch);
  const found = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  if (found !== host.sha512) throw new Error(`${host.name}@${host.version} is not what it was: sha512 ${found}`);
  execFileSync('tar', ['-xzf', tarball, '-C', scratch, 'package/package.json', 'package/dist'], { stdio: 'inherit' });
  // In one step, so that a run that was stopped leaves nothing that looks complete.
  renameSync(join(scratch, 'package'), folderOf(host));
  rmSync(scratch, { recursive: true });
}

function download({ name, version }, scratch) {
  const spec = `${name}@${version}`;
  const options = { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' };
  const { status } = spawnSync('npm', ['pack', '--silent', '--ignore-scripts', spec], options);
  if (status !== 0) throw new Error(`${spec} cannot be fetched; the test of the swap needs it`);
  return join(scratch, `${name}-${version}.tgz`);
}

// `node scripts/hosts.mjs` fetches them by itself, where nothing is to be built.
if (process.argv[1] === fileURLToPath(import.meta.url)) fetchHosts();
