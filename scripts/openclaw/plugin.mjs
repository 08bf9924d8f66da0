// The package as a user gets it: packed, installed into an empty project, and put into a gateway by its own command.
import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../addon.mjs';
import { environment } from './host.mjs';
import { cache, node } from './install.mjs';

/** An empty project with the package installed; needs a release build. */
export async function packedProject() {
  const { main, native, project, scratch } = await import('../pack/packages.mjs');
  return {
    folder: project('openclaw', [main.path, native.path]),
    remove: () => rmSync(scratch, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** The checkout's files in its place, with the addon that was built last: for work on the plugin, not for figures. */
export function checkedOutProject() {
  const folder = join(cache, `checked-out-${process.pid}`);
  const packageDir = join(folder, 'node_modules', 'auth-failover');
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'));
  for (const part of ['bin', 'entry', 'index.js', 'package.json', 'openclaw.plugin.json', ...addons])
    cpSync(join(root, part), join(packageDir, part), { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs `auth-failover openclaw …` of the project for a state directory, `openclaw` being that gateway's. */
export async function ours(project, state, args) {
  const program = join(project.folder, 'node_modules', 'auth-failover', 'bin', 'auth-failover.mjs');
  const all = [program, 'openclaw', ...args, '--state-dir', state.folder];
  const child = spawn(node, all, { cwd: project.folder, env: environment(state) });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (piece) => (output[name] += piece));
  const status = await new Promise((resolve) => child.on('close', resolve));
  return { status, ...output };
}

/** Changes the plugin's configuration in openclaw.json. */
export function configure({ configFile }, change) {
  const config = JSON.parse(readFileSync(configFile, 'utf8'));
  const entry = config.plugins.entries['auth-failover'];
  entry.config = { ...entry.config, ...change };
  writeFileSync(configFile, JSON.stringify(config, null, 2));
}
