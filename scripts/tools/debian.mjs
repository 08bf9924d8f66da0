// Packages of Debian, unpacked and not installed. The mirror is the one that this machine's apt is set up for; lists and
// archives stay in the cache, so the machine's own apt is left as it is.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cache, cached, run, ToolMissing } from './cache.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT = join(cache, 'apt');
const SUITES = { bookworm: 'Debian', 'bookworm-security': 'Debian-Security', trixie: 'Debian' };
const updated = new Set();

/** The folder with `packages` (`{ name: version }`) of one suite and architecture unpacked into it. */
export function debian(name, { suite, architecture, packages }) {
  return cached(name, (folder) => {
    update(suite);
    const debs = join(folder, '.debs');
    mkdirSync(debs);
    for (const [wanted, version] of Object.entries(packages)) {
      const id = `${wanted}:${architecture}`;
      try {
        run('apt-get', [...options(suite), 'download', '-qq', `${id}=${version}`], { cwd: debs });
      } catch (error) {
        throw new ToolMissing(`${id} ${version} is not in ${suite} any more\n${offered(suite, id)}\n${error.message}`);
      }
    }
    for (const deb of readdirSync(debs)) run('dpkg-deb', ['--extract', join(debs, deb), folder]);
    rmSync(debs, { recursive: true });
  });
}

function offered(suite, id) {
  return run('apt-cache', [...options(suite), 'policy', id])
    .split('\n')
    .slice(0, 3)
    .join('\n');
}

function update(suite) {
  if (updated.has(suite)) return;
  const folder = join(APT, suite);
  for (const path of ['lists/partial', 'cache/archives/partial', 'parts'])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  const source = `deb [arch=amd64,arm64 signed-by=${KEYRING}] ${mirror(SUITES[suite])} ${suite} main\n`;
  writeFileSync(join(folder, 'sources.list'), source);
  run('apt-get', [...options(suite), 'update', '-qq']);
  updated.add(suite);
}

function mirror(label) {
  const lines = run('apt-get', ['indextargets', '--format', '$(LABEL)|$(REPO_URI)', 'Created-By: Packages']).split(
    '\n',
  );
  const found = lines.find((line) => line.startsWith(`${label}|`));
  if (!found) throw new ToolMissing(`apt knows no mirror of ${label}`);
  return found.split('|')[1];
}

function options(suite) {
  const folder = join(APT, suite);
  return Object.entries({
    'Dir::Etc::SourceList': join(folder, 'sources.list'),
    'Dir::Etc::SourceParts': join(folder, 'parts'),
    'Dir::State::Lists': join(folder, 'lists'),
    'Dir::State::Status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'APT::Architectures': 'amd64,arm64',
    'APT::Sandbox::User': 'root',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::Languages': 'none',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
