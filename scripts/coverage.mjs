// How much of the Rust code the public-API tests reach: an instrumented addon, driven by JavaScript alone.
//
//   node scripts/coverage.mjs [words of test files; default: all]
//
// Prints the share of lines per file; `target/coverage/html` shows each line.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { buildAddon, testCommands } from './memory/addon.mjs';
import { testFiles } from './test-files.mjs';
import { root, run } from './tools/cache.mjs';
import { debian } from './tools/debian.mjs';

// Must read what the compiler's LLVM writes.
const LLVM = '22.1';

/** Environment and folder of the LLVM tools that read what this compiler writes. */
function llvm() {
  const folder = debian('llvm-22', {
    suite: 'bookworm-security',
    architecture: 'amd64',
    packages: { [LLVM]: ['llvm-22', 'libllvm22'] },
  });
  return {
    tool: (name) => join(folder, 'usr/lib/llvm-22/bin', name),
    env: { LD_LIBRARY_PATH: join(folder, 'usr/lib/x86_64-linux-gnu') },
  };
}

const { tool, env } = llvm();
const addon = buildAddon('coverage', { flags: '-Cinstrument-coverage' });
const profiles = join(root, 'target', 'coverage', 'profiles');
rmSync(profiles, { recursive: true, force: true });
mkdirSync(profiles, { recursive: true });
// Processes share four files, which the runtime merges; those that a test kills leave nothing.
const environment = {
  ...process.env,
  NAPI_RS_NATIVE_LIBRARY_PATH: addon,
  LLVM_PROFILE_FILE: join(profiles, '%4m.profraw'),
};
const failed = testCommands(testFiles(process.argv.slice(2))).filter(
  ([command, args]) => spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit' }).status !== 0,
);

const merged = join(profiles, 'all.profdata');
const raw = readdirSync(profiles).map((name) => join(profiles, name));
run(tool('llvm-profdata'), ['merge', '--sparse', ...raw, '-o', merged], { env });
const about = [addon, `--instr-profile=${merged}`, join(root, 'src')];
run(tool('llvm-cov'), ['show', ...about, '--format=html', `--output-dir=${join(root, 'target/coverage/html')}`], {
  env,
});
console.log(
  run(tool('llvm-cov'), ['report', ...about, '--show-region-summary=false', '--show-branch-summary=false'], { env }),
);
process.exitCode = failed.length === 0 ? 0 : 1;
