// A build of the addon for a checker, kept apart from the one that development uses; the loader is told where it is.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from '../tools/cache.mjs';

export const TARGET = 'x86_64-unknown-linux-gnu';

/** Builds into `target/<name>` with these flags and gives the path of the addon. */
export function buildAddon(name, { toolchain, flags }) {
  const folder = join(root, 'target', name);
  const args = [...(toolchain ? [`+${toolchain}`] : []), 'build', '--lib', '--target', TARGET];
  // Flags are only for this target, so build scripts and macros stay as they are.
  run('cargo', args, { env: { CARGO_TARGET_DIR: folder, RUSTFLAGS: flags }, show: true });
  const addon = join(folder, 'addon.node');
  copyFileSync(join(folder, TARGET, 'debug', 'libauth_failover.so'), addon);
  return addon;
}

/** The commands of the smoke test and of these test files. */
export const testCommands = (files) => [
  [process.execPath, [join(root, 'scripts', 'smoke.cjs')]],
  [process.execPath, ['--test', ...files]],
];
