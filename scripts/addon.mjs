// Which profile the addon in this folder was built with, and whether its sources have changed since. File times cannot
// tell the first; a left-over debug build (slow, and 15 times as large) must not be measured, packed or taken for what
// users get.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const note = join(root, 'target', 'addon.json');
// The content and not the time: a copy of the addon is the same addon, and one from elsewhere is unknown.
const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
export const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Notes the profile of the addon that was built last. */
export function recordProfile(profile) {
  const [newest] = readdirSync(root)
    .filter((name) => name.endsWith('.node'))
    .sort((left, right) => modified(join(root, right)) - modified(join(root, left)));
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, JSON.stringify({ file: newest, profile, sha256: digest(join(root, newest)) }));
}

/** `{ file, profile }` of this machine's addon; `undefined` if there is none or nobody knows how it was built. */
export function builtAddon() {
  if (!existsSync(note)) return undefined;
  const { file, profile, sha256 } = JSON.parse(readFileSync(note, 'utf8'));
  const path = join(root, file);
  return existsSync(path) && digest(path) === sha256 ? { file, path, profile } : undefined;
}

function newestSource() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join('src', String(name)));
  const others = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'package.json'];
  return Math.max(...[...sources, ...others].map((name) => modified(join(root, name))));
}

/** Whether the addon and the files that are generated with it are newer than what they are made of. */
export function isCurrent(addon) {
  if (!addon) return false;
  const products = [addon.path, join(root, 'index.js'), join(root, 'index.d.ts')];
  return Math.min(...products.map(modified)) >= newestSource();
}
