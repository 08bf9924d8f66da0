// The addon and the Rust tests for Windows, in the gnu flavour: no SDK of Microsoft's can be had here, and our own code
// does not tell the flavours apart. What is published is built by the workflow, for msvc.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from '../tools/cache.mjs';
import { debian } from '../tools/debian.mjs';
import { rustWeb } from '../tools/rust-web.mjs';

const TRIPLE = 'x86_64-pc-windows-gnu';
const GCC = '12.2';
const BINUTILS = '2.40';
const MINGW = '10.0';

const folder = join(root, 'target', 'windows');

/** The name that the loader looks for on Windows. */
export const addon = join(root, 'auth-failover.win32-x64-msvc.node');

function environment() {
  const gcc = ['gcc-mingw-w64-base', 'gcc-mingw-w64-x86-64-win32', 'gcc-mingw-w64-x86-64-win32-runtime'];
  const packages = {
    [GCC]: gcc,
    [BINUTILS]: ['binutils-mingw-w64-x86-64'],
    [MINGW]: ['mingw-w64-common', 'mingw-w64-x86-64-dev'],
  };
  const bin = join(debian('mingw', { suite: 'bookworm', architecture: 'amd64', packages }), 'usr', 'bin');
  const [compiler, archiver] = ['gcc-win32', 'ar'].map((name) => join(bin, `x86_64-w64-mingw32-${name}`));
  return {
    ...rustWeb(),
    CARGO_TARGET_DIR: folder,
    CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER: compiler,
    CC_x86_64_pc_windows_gnu: compiler,
    AR_x86_64_pc_windows_gnu: archiver,
    LIBNODE_PATH: emptyLibnode(archiver),
    PATH: `${bin}:${process.env.PATH}`,
  };
}

/** napi-build wants Node's library for this flavour; with `dyn-symbols` nothing is imported from it. */
function emptyLibnode(archiver) {
  const place = join(folder, 'libnode');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'libnode.dll'), '');
  run(archiver, ['rc', join(place, 'libnode.a')]);
  return place;
}

const cargo = (args, options) =>
  run('cargo', [...args, '--target', TRIPLE, '-Zbuild-std=std,panic_unwind'], { env: environment(), ...options });

/** Builds the addon and puts it where the loader looks. */
export function buildAddon() {
  cargo(['build', '--lib'], { show: true });
  copyFileSync(join(folder, TRIPLE, 'debug', 'auth_failover.dll'), addon);
}

/** Builds the Rust tests and gives the program. */
export function buildTests() {
  // First for people to read, then for us.
  cargo(['test', '--lib', '--no-run'], { show: true });
  const messages = cargo(['test', '--lib', '--no-run', '--message-format=json', '--quiet']).split('\n');
  const built = messages.filter((line) => line.includes('"executable":"')).map((line) => JSON.parse(line));
  return built.at(-1).executable;
}
