// Tools that npm and PyPI carry, by exact version, through the clients as they are set up here.
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { cached, run } from './cache.mjs';

const folderName = (name, version) => `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}`;

/** The content of an npm package; install scripts do not run and other platforms' packages can be had. */
export function npmPackage(name, version) {
  return cached(folderName(name, version), (folder) => {
    run('npm', ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`], { cwd: folder });
    const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    run('tar', ['-xzf', archive, '--strip-components=1'], { cwd: folder });
  });
}

/** PyPI packages for this machine, installed into a folder of their own. */
export function pythonPackages(name, requirements) {
  return cached(name, (folder) => {
    run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, ...requirements]);
  });
}

/** A wheel of another platform, unpacked. `programs` are made executable, which a zip file does not record. */
export function wheel(name, version, platform, programs) {
  return cached(`${folderName(name, version)}-${platform}`, (folder) => {
    const wheels = join(folder, '.wheels');
    mkdirSync(wheels);
    const wanted = ['--only-binary=:all:', '--no-deps', '--platform', platform, `${name}==${version}`];
    run('python3', ['-m', 'pip', 'download', '--quiet', '--dest', wheels, ...wanted]);
    for (const file of readdirSync(wheels)) run('python3', ['-m', 'zipfile', '-e', join(wheels, file), folder]);
    for (const program of programs) chmodSync(join(folder, program), 0o755);
  });
}
