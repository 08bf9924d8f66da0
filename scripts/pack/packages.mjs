// Packs the main package and this machine's platform package as they would be published, and installs them into empty
// projects that see no registry, run no script and have no Rust.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { builtAddon, root } from '../addon.mjs';

const addon = builtAddon();
if (addon?.profile !== 'release')
  throw new Error('only a release build is packed: run `node scripts/prepare.mjs` first');

/** This machine's, for example `linux-x64-gnu`. */
export const platform = addon.file.split('.').at(-2);
const platformDir = join(root, 'npm', platform);
export const platformPackage = JSON.parse(readFileSync(join(platformDir, 'package.json'), 'utf8')).name;

const scratch = mkdtempSync(join(tmpdir(), 'auth-failover-pack-'));

export { scratch };

const withoutRust = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((dir) => !['cargo', 'rustc', 'cargo.exe', 'rustc.exe'].some((tool) => existsSync(join(dir, tool))))
  .join(delimiter);
const env = { ...process.env, PATH: withoutRust, CARGO: undefined, RUSTC: undefined };

// npm's own file, as `npm run` names it: a PATH without Rust may be one without npm.
const npm = (args, cwd) =>
  execFileSync(process.execPath, [process.env.npm_execpath, ...args], { cwd, env, encoding: 'utf8' });

function pack(dir) {
  const [{ filename, size, files }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], dir),
  );
  return { path: join(scratch, filename), size, files: files.map((file) => file.path) };
}

function packPlatform() {
  const copy = join(scratch, platform);
  cpSync(platformDir, copy, { recursive: true });
  cpSync(addon.path, join(copy, addon.file));
  return pack(copy);
}

export const main = pack(root);
export const native = packPlatform();

/** An empty project with these tarballs and nothing else. */
export function project(name, tarballs) {
  const dir = join(scratch, name);
  mkdirSync(dir);
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name, private: true }));
  const cache = join(scratch, 'empty-cache');
  npm(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', cache, ...tarballs], dir);
  return dir;
}

/** Runs a program of a project; resolves with what it wrote. */
export function run(dir, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: dir, env });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (piece) => (output[name] += piece));
    child.on('close', (status) => resolve({ status, ...output }));
  });
}
