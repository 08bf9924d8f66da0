// Debian's build of rustc with the source of the standard library, for targets whose library the machine's own toolchain
// does not have: cargo builds it (`-Zbuild-std`) with the program. The compiler runs from where it was unpacked.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { debian } from './debian.mjs';

const RUST = '1.96';
const LLVM = '22.1';

/** Environment in which cargo uses that compiler. */
export function rustWeb() {
  const folder = debian('rustc-web', {
    suite: 'bookworm-security',
    architecture: 'amd64',
    packages: {
      [RUST]: ['rustc-web', 'libstd-rust-web-dev', `libstd-rust-web-${RUST}`, 'rust-web-src'],
      [LLVM]: ['libllvm22'],
    },
  });
  const rustc = join(folder, 'rustc');
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib'].map((path) => join(folder, path)).join(':');
  writeFileSync(rustc, `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} exec ${join(folder, 'usr/bin/rustc')} "$@"\n`);
  chmodSync(rustc, 0o755);
  // Unstable flags on a stable compiler: the published product is built by CI with rustup's targets instead.
  return { RUSTC: rustc, RUSTC_BOOTSTRAP: '1' };
}
