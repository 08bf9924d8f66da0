#!/usr/bin/env node
// Puts auth-failover's functions in the place of a host's own, and takes them out again.
//
//   node swap.mjs status <folder of the host>
//   node swap.mjs apply  <folder of the host>
//   node swap.mjs undo   <folder of the host>
//
// The folder is the one with the host's package.json, for example "$(npm root -g)/clawdbot". Nothing is changed before
// everything is known: the host's version, each file's content, and that the addon loads from there. Restart the host
// afterwards.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { keepOriginal, replaceFile } from './files.mjs';
import { hosts, targets } from './patches.mjs';

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** What stops the swap, for the person who runs it. */
export class Refusal extends Error {}

/** The host's files with their states: `original`, `swapped`, or a refusal. */
export function inspect(folder) {
  const host = resolve(folder);
  const manifest = join(host, 'package.json');
  if (!existsSync(manifest)) throw new Refusal(`${host} has no package.json: give the host's own folder`);
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (hosts[name] !== version) {
    const known = Object.entries(hosts).map((pair) => pair.join('@'));
    throw new Refusal(`${host} is ${name}@${version}; only ${known.join(' and ')} are known`);
  }
  return { host, name, version, files: targets.map((target) => inspectFile(host, target)) };
}

function inspectFile(host, { path, sha256: expected, change }) {
  const file = join(host, path);
  const backup = `${file}.before-auth-failover`;
  if (!existsSync(file)) throw new Refusal(`${file} is missing: install the host again`);
  const content = readFileSync(file, 'utf8');
  if (sha256(content) === expected) return { file, backup, state: 'original', swapped: marked(change(content)) };
  const [first, rest] = cutLine(content);
  if (!first.startsWith(MARK)) throw new Refusal(`${file} is not as it was published: somebody else has changed it`);
  if (marked(rest) !== content) throw new Refusal(`${file} was changed after the swap`);
  if (!existsSync(backup) || sha256(readFileSync(backup)) !== expected) {
    throw new Refusal(`${backup} is not the original any more: install the host again`);
  }
  return { file, backup, state: 'swapped' };
}

// A swapped file says so, and what it was then: a later version of this script knows the work of an earlier one.
const MARK = '// Swapped by auth-failover; the original is beside this file. SHA-256 of the rest: ';
const marked = (text) => `${MARK}${sha256(text)}\n${text}`;

function cutLine(text) {
  const end = text.indexOf('\n') + 1;
  return [text.slice(0, end), text.slice(end)];
}

function requireAddon(host) {
  const { resolve: find } = createRequire(join(host, 'package.json'));
  try {
    createRequire(join(host, 'package.json'))(find('auth-failover'));
  } catch (error) {
    const way = `install it where the host finds it, for example: npm install --prefix "${host}" --no-save auth-failover`;
    throw new Refusal(`auth-failover cannot be loaded from ${host}: ${way}\n${error.message}`);
  }
}

/** Swaps what is not swapped yet. Gives the files that were changed. */
export function apply(folder) {
  const { host, files } = inspect(folder);
  requireAddon(host);
  const todo = files.filter(({ state }) => state === 'original');
  const done = [];
  try {
    for (const target of todo) {
      keepOriginal(target.file, target.backup);
      replaceFile(target.file, target.swapped);
      done.push(target);
    }
  } catch (error) {
    for (const { file, backup } of done) renameSync(backup, file);
    throw error;
  }
  return todo.map(({ file }) => file);
}

/** Puts every original back, the very file. Gives the files that were changed. */
export function undo(folder) {
  const { files } = inspect(folder);
  for (const { file, backup, state } of files) {
    if (state === 'swapped') renameSync(backup, file);
    // Left by a swap that was killed before it changed the file.
    else rmSync(backup, { force: true });
  }
  return files.filter(({ state }) => state === 'swapped').map(({ file }) => file);
}

function main([command, folder]) {
  const commands = { apply, undo };
  if (!folder || !(command in commands || command === 'status')) {
    console.error('usage: swap.mjs status|apply|undo <folder of the host>');
    return 2;
  }
  try {
    for (const file of commands[command]?.(folder) ?? []) console.log(`${command}: ${file}`);
    const { name, version, files } = inspect(folder);
    console.log(`${name}@${version}`);
    for (const { file, state } of files) console.log(`${state.padEnd(8)} ${file}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`nothing was changed: ${error.message}`);
    return 1;
  }
}

// A global installation is often reached through a link.
const started = process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href;
if (import.meta.url === started) process.exitCode = main(process.argv.slice(2));
