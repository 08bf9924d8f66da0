// Packages of Debian, unpacked and not installed. The mirror is the one that this machine's apt is set up for; lists and
// archives stay in the cache, so the machine's own apt is left as it is.
//
// Mirrors keep only the newest version of a suite. So a caller states which versions will do, and gets the newest of
// them. `debian-hashes.json` records what was had; it is committed, for a record in the cache would go with the cache
// and could not tell one machine that another got something else. A new version adds a line there: commit it.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cache, cached, root, run, ToolMissing } from './cache.mjs';
import { newestFitting } from './debian-versions.mjs';
import { checkHash } from './hashes.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT = join(cache, 'apt');
const HASHES = join(root, 'scripts', 'tools', 'debian-hashes.json');
const SUITES = { bookworm: 'Debian', 'bookworm-security': 'Debian-Security', trixie: 'Debian' };
const updated = new Set();

/**
 * The folder with `packages` of one suite and architecture unpacked into it. `packages` names for each wanted version
 * (`'22.1'`: any 22.1.x) those that must be of the same version.
 */
export function debian(name, { suite, architecture, packages }) {
  return cached(`${name}-${Object.keys(packages).join('+')}`, (folder) => {
    update(suite);
    const debs = join(folder, '.debs');
    mkdirSync(debs);
    for (const [wanted, names] of Object.entries(packages)) {
      const ids = names.map((each) => `${each}:${architecture}`);
      const version = choose(suite, ids, wanted);
      for (const id of ids) download(suite, id, version, debs);
    }
    for (const deb of readdirSync(debs)) run('dpkg-deb', ['--extract', join(debs, deb), folder]);
    rmSync(debs, { recursive: true });
  });
}

function choose(suite, ids, wanted) {
  const lists = ids.map((id) => offered(suite, id));
  const version = newestFitting(lists, wanted);
  if (version) return version;
  const there = ids.map((id, i) => `${id} ${lists[i].join(', ') || 'nothing'}`).join('; ');
  throw new ToolMissing(`no version ${wanted} of ${ids.join(', ')} in ${suite}; there is ${there}`);
}

/** The versions of a package in a suite. */
const offered = (suite, id) =>
  run('apt-cache', [...options(suite), 'madison', id])
    .split('\n')
    .filter((line) => line.endsWith(' Packages'))
    .map((line) => line.split('|')[1].trim());

function download(suite, id, version, folder) {
  const before = new Set(readdirSync(folder));
  run('apt-get', [...options(suite), 'download', '-qq', `${id}=${version}`], { cwd: folder });
  const [deb] = readdirSync(folder).filter((file) => !before.has(file));
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, deb)))
    .digest('hex');
  checkHash(HASHES, `${id}=${version}`, sha256);
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

/** Where apt here gets packages of that origin. */
export function mirror(label) {
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
