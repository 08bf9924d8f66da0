// What tests of leases share: a first lease of accounts in a store, and what was told of the run.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PROVIDER } from './runs.mjs';

const { lease } = createRequire(import.meta.url)('../../entry/handle/lease.js');

/** The first lease of a run, with what its listener is told, shortly. */
export function leased(dir, options = {}) {
  const events = [];
  const onEvent = ({ type, profileId }) => events.push(profileId ? `${type} ${profileId}` : type);
  const first = lease({ provider: PROVIDER, agentDir: dir.path, onEvent, ...options });
  return { first, events };
}

/** Whose reservations the pool knows. */
export function reservations(dir) {
  // By another process: who closes a file here ends this process's locks on it.
  const cat = 'process.stdout.write(require("node:fs").readFileSync(process.argv[1]))';
  const { stdout } = spawnSync(process.execPath, ['-e', cat, `${dir.file}.native-pool`], { encoding: 'utf8' });
  return (JSON.parse(stdout || '{}').reservations ?? []).map(({ profile }) => profile);
}

/** A lease keeps no process alive, so somebody else has to. */
export async function aborted(signal) {
  const alive = setInterval(() => {}, 1_000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(alive);
}

/** Runs a program text in a process of its own. */
export function node(text, dir, flags = []) {
  const options = { encoding: 'utf8', timeout: 60_000 };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', text, dir.path],
    options,
  );
  return { code: status, stdout, stderr };
}

/** Runs a CommonJS program text, where `root` is the package's directory. */
export function nodeProgram(text, options = {}) {
  const root = JSON.stringify(join(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url)), '../..'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `const root = ${root};\n${text}`], {
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
  });
  return { code: status, stdout, stderr };
}
