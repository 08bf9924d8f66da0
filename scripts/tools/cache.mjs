// Tools that the checks need and the repository does not carry: fetched once, pinned by version, kept out of git.
// Each has a folder of its own in the cache; one that was cut short is made anew.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cache = process.env.AUTH_FAILOVER_TOOLS ?? join(root, 'target', 'tools');

/** A tool that cannot be had here; what depends on it is left out and reported, never skipped in silence. */
export class ToolMissing extends Error {}

/** Runs a program to its end and gives its output; throws with the end of what it said. */
export function run(command, args, { env, cwd = root, show = false } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  });
  if (result.error?.code === 'ENOENT') throw new ToolMissing(`${command} is not installed`);
  if (result.error) throw result.error;
  if (result.status !== 0) {
    const said = `${result.stdout ?? ''}\n${result.stderr ?? ''}`.trim().split('\n').slice(-25).join('\n');
    throw new Error(`${command} ${args.slice(0, 4).join(' ')} … ended with ${result.signal ?? result.status}\n${said}`);
  }
  return result.stdout ?? '';
}

/** The folder `name` in the cache, filled by `fill(folder)` the first time. */
export function cached(name, fill) {
  const folder = join(cache, name);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    fill(folder);
  } catch (error) {
    if (error instanceof ToolMissing) throw error;
    throw new ToolMissing(`${name} cannot be had: ${error.message}`);
  }
  writeFileSync(complete, '');
  return folder;
}
