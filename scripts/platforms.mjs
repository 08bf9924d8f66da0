// Type-checks the code for platforms that this machine cannot run, standard library included, so that what is written for
// Windows and macOS at least compiles. It proves nothing more: those platforms' own runners do (.github/workflows/ci.yml).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { zigbuild } from './linux/compile.mjs';
import { root, run } from './tools/cache.mjs';
import { rustWeb } from './tools/rust-web.mjs';

// The gnu flavour of Windows: its C code compiles with zig, and our own code does not tell the flavours apart.
const TARGETS = ['x86_64-pc-windows-gnu', 'aarch64-apple-darwin'];

const folder = join(root, 'target', 'platforms');
// napi-build wants to see Node's library for that flavour although a check links nothing.
const libnode = join(folder, 'libnode');
mkdirSync(libnode, { recursive: true });
writeFileSync(join(libnode, 'libnode.dll'), '');

function check(target) {
  try {
    const { command, env } = zigbuild();
    // `zigbuild check` gives build scripts (ring's C code) a compiler for the target.
    const args = ['check', '--lib', '--target', target, '-Zbuild-std=std,panic_unwind'];
    run(command, args, { env: { ...env, ...rustWeb(), CARGO_TARGET_DIR: folder, LIBNODE_PATH: libnode }, show: true });
    console.log(`${target}: compiles (not linked, not run)`);
    return true;
  } catch (error) {
    console.error(`${target}: ${error.message}`);
    return false;
  }
}

process.exitCode = TARGETS.map(check).every(Boolean) ? 0 : 1;
