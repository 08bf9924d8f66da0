// Builds the linux addons into npm/<platform>/ and proves each: what it needs of a system (objdump), and the smoke test in
// a Node of its architecture and C library.
//
//   node scripts/linux/build.mjs [--build-only] [words of platforms; default: all four]
//
// Exits with 1 if any of them was not built or did not pass; the table says which and why.
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root, run, ToolMissing } from '../tools/cache.mjs';
import { compile } from './compile.mjs';
import { inspect } from './inspect.mjs';
import { nodeFor } from './runners.mjs';
import { targets } from './targets.mjs';

const SMOKE = join(root, 'scripts', 'smoke.cjs');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const buildOnly = process.argv.includes('--build-only');

/** Installs the main package and one platform's as npm would, runs the smoke test on them, and gives what it printed. */
function smoke({ platform }, addon) {
  const modules = join(mkdtempSync(join(tmpdir(), 'auth-failover-install-')), 'node_modules');
  const main = join(modules, 'auth-failover');
  mkdirSync(main, { recursive: true });
  for (const part of ['entry', 'index.js', 'package.json'])
    cpSync(join(root, part), join(main, part), { recursive: true });
  cpSync(join(root, 'npm', platform), join(modules, `auth-failover-${platform}`), { recursive: true });
  const { command, args } = nodeFor(platform);
  // The loader tells musl by this system's own ldd, which speaks for glibc: there it is told what to load.
  const env = platform.endsWith('musl') ? { NAPI_RS_NATIVE_LIBRARY_PATH: addon } : {};
  try {
    return run(command, [...args, SMOKE, main], { env }).trim();
  } finally {
    rmSync(join(modules, '..'), { recursive: true });
  }
}

function prove(target) {
  const row = { platform: target.platform };
  const started = performance.now();
  try {
    console.log(`== ${target.platform}`);
    const addon = compile(target);
    row['build s'] = Math.round((performance.now() - started) / 1000);
    row.MB = +(statSync(addon).size / 1e6).toFixed(2);
    const { needed, glibc } = inspect(addon, target);
    Object.assign(row, { glibc: glibc ?? '-', needs: needed.join(' ') });
    row.result = buildOnly ? 'built, not run' : smoke(target, addon).replace('smoke test ', '');
  } catch (error) {
    process.exitCode = 1;
    row.result = error instanceof ToolMissing ? 'NOT DONE: a tool is missing, see above' : 'FAILED, see above';
    console.error(`${target.platform}: ${error.message}`);
  }
  return row;
}

const chosen = targets.filter(({ platform }) => words.length === 0 || words.some((word) => platform.includes(word)));
if (chosen.length === 0) throw new Error(`no linux platform matches ${words.join(', ')}`);
const rows = chosen.map(prove);
console.log();
for (const { platform, needs, ...row } of rows)
  console.log(platform, '\n  ', JSON.stringify(row), '\n   needs', needs ?? '?');
