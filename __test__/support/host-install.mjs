// A host as it was published, installed beside the addon: the host's files, its real dependencies where the tests have
// them, and a temporary home. Only two packages are not what the host would have: pi-ai is the version that the tests
// have, and the AWS client (8 MB, for a discovery that nobody asks for) is two names.
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { cache, hosts } from '../../scripts/hosts.mjs';
import { start } from './child.mjs';

export { hosts };

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Installs a host for one test. `folder` is its own; `home` is where its process lives. */
export function install(test, published) {
  if (!existsSync(published.folder)) throw new Error(`${published.folder} is missing: run node scripts/prepare.mjs`);
  // Under node_modules, so that the host finds its dependencies in the repository's.
  const scene = mkdtempSync(join(cache, 'install-'));
  test.after(() => rmSync(scene, { recursive: true, force: true, maxRetries: 10 }));
  const folder = join(scene, 'node_modules', published.name);
  // Package managers share files between installations in this way; the swap must not reach through.
  shareFiles(published.folder, folder);
  const addon = join(scene, 'node_modules', 'auth-failover');
  symlinkSync(repository, addon, 'junction');
  writeModule(join(scene, 'node_modules/@mariozechner/pi-ai'), piAi());
  writeModule(join(scene, 'node_modules/@aws-sdk/client-bedrock'), bedrock);
  const home = join(scene, 'home');
  mkdirSync(home);
  return { folder, home, addon };
}

function shareFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) shareFiles(source, target);
    else linkSync(source, target);
  }
}

function writeModule(folder, source) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
  writeFileSync(join(folder, 'index.js'), source);
}

function piAi() {
  const url = (name) =>
    JSON.stringify(pathToFileURL(join(repository, 'node_modules/@mariozechner/pi-ai/dist', name)).href);
  return `export * from ${url('index.js')};\nexport { getOAuthApiKey } from ${url('oauth.js')};\n`;
}

const bedrock = `export class BedrockClient { send() { throw new Error('nobody asks for models'); } }
export class ListFoundationModelsCommand {}\n`;

/** Starts support/<program> in the host's surroundings; see `child.mjs`. */
export function startInHost(test, { folder, home }, program, argument) {
  const { PATH, SystemRoot } = process.env;
  // Nothing of the person who runs the tests: the host looks for the logins of other programs in the home directory.
  const env = { PATH, SystemRoot, HOME: home, USERPROFILE: home, NODE_NO_WARNINGS: '1' };
  return start(test, program, { folder, ...argument }, { env });
}
