// Debian's build of rustc with the source of the standard library, for targets whose library the machine's own toolchain
// does not have: cargo builds it (`-Zbuild-std`) with the program. The compiler runs from where it was unpacked.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { debian } from './debian.mjs';

const VERSION = '1.96.0+dfsg1-1~deb12u2';
const LLVM = '1:22.1.8-1~deb12u1';

/** Environment in which cargo uses that compiler. */
export function rustWeb() {
  const folder = debian(`rustc-web-${VERSION.split('+')[0]}`, {
    suite: 'bookworm-security',
    architecture: 'amd64',
    packages: {
      'rustc-web': VERSION,
      'libstd-rust-web-dev': VERSION,
      'libstd-rust-web-1.96': VERSION,
      'rust-web-src': VERSION,
      libllvm22: LLVM,
    },
  });
  const rustc = join(folder, 'rustc');
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib'].map((path) => join(folder, path)).join(':');
  writeFileSync(rustc, `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} exec ${join(folder, 'usr/bin/rustc')} "$@"\n`);
  chmodSync(rustc, 0o755);
  // Unstable flags on a stable compiler: the published product is built by CI with rustup's targets instead.
  return { RUSTC: rustc, RUSTC_BOOTSTRAP: '1' };
}
