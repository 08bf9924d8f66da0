// Reads the sanitizers' reports: names the addon's frames and tells what is ours.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../tools/cache.mjs';

// A promise that is still open when its worker is terminated: napi-rs cannot settle it any more, and Node frees only
// what was settled. 8 bytes each.
const KNOWN = ['napi_create_promise'];

/** Errors, and direct leaks that the addon asked for, with its frames by name; `known` counts what `KNOWN` explains. */
export function findings(folder, addon) {
  const blocks = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n\n'));
  const errors = blocks.filter((block) => /ERROR: AddressSanitizer/.test(block));
  const leaks = blocks.filter((block) => block.startsWith('Direct leak') && offsets(block).length > 0);
  const named = leaks.map((block) => ({ title: block.split('\n')[0], frames: frames(block, addon) }));
  const unknown = named.filter(({ frames: [first] }) => !KNOWN.some((name) => first.includes(name)));
  return {
    ours: [...errors, ...unknown.map(({ title, frames }) => [title, ...frames].join('\n    '))],
    known: named.length - unknown.length,
  };
}

const offsets = (block) => [...block.matchAll(/addon\.node\+0x([0-9a-f]+)/g)].map((match) => match[1]);

function frames(block, addon) {
  // A frame holds the address after the call.
  const calls = offsets(block)
    .slice(0, 12)
    .map((offset) => `0x${(Number.parseInt(offset, 16) - 1).toString(16)}`);
  return run('addr2line', ['-C', '-f', '-p', '-e', addon, ...calls])
    .trim()
    .split('\n');
}
