// The four linux addons: what each is built for and what it may need of a system.
// glibc 2.17 is that of the oldest systems that Node 20 itself supports loosely (RHEL 7 and its kin).
const glibc = {
  newestGlibc: '2.17',
  mayNeed: ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'librt.so.1'],
};
const musl = { newestGlibc: null, mayNeed: ['libc.so'] };

export const targets = [
  { platform: 'linux-x64-gnu', triple: 'x86_64-unknown-linux-gnu', loader: 'ld-linux-x86-64.so.2', ...glibc },
  { platform: 'linux-arm64-gnu', triple: 'aarch64-unknown-linux-gnu', loader: 'ld-linux-aarch64.so.1', ...glibc },
  { platform: 'linux-x64-musl', triple: 'x86_64-unknown-linux-musl', ...musl },
  { platform: 'linux-arm64-musl', triple: 'aarch64-unknown-linux-musl', ...musl },
];
