// Compiles one target with zig as C compiler and linker and puts the addon into npm/<platform>/.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from '../tools/cache.mjs';
import { pythonPackages } from '../tools/registries.mjs';
import { rustWeb } from '../tools/rust-web.mjs';

const ZIG = '0.17.1';
const ZIGBUILD = '0.24.0';

/** Environment and command of cargo-zigbuild. */
export function zigbuild() {
  const folder = pythonPackages(`zig-${ZIG}`, [`ziglang==${ZIG}`, `cargo-zigbuild==${ZIGBUILD}`]);
  return {
    command: join(folder, 'bin', 'cargo-zigbuild'),
    env: { CARGO_ZIGBUILD_ZIG_PATH: join(folder, 'ziglang', 'zig') },
  };
}

/** Whether the machine's own toolchain can build for it (`rustup target add`). */
const hasStandardLibrary = (triple) =>
  existsSync(run('rustc', ['--print', 'target-libdir', '--target', triple]).trim());

/** Builds the addon and gives its path. */
export function compile({ platform, triple, newestGlibc }) {
  const { command, env } = zigbuild();
  const target = newestGlibc ? `${triple}.${newestGlibc}` : triple;
  const args = ['zigbuild', '--release', '--lib', '--target', target];
  const folder = join(root, 'target', 'linux');
  if (!hasStandardLibrary(triple)) {
    Object.assign(env, rustWeb());
    args.push('-Zbuild-std=std,panic_unwind');
  }
  // A musl addon lives in a process that has musl already, so it must not bring its own.
  if (triple.endsWith('musl')) env.RUSTFLAGS = '-C target-feature=-crt-static';
  run(command, args, { env: { ...env, CARGO_TARGET_DIR: folder }, show: true });
  const product = join(root, 'npm', platform, `auth-failover.${platform}.node`);
  copyFileSync(join(folder, triple, 'release', 'libauth_failover.so'), product);
  return product;
}
