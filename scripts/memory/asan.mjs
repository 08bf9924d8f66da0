// The public-API tests under AddressSanitizer and LeakSanitizer.
//
//   node scripts/memory/asan.mjs [words of test files; default: every file that runs without V8's compiler]
//
// Needs rustup's nightly. What counts are the sanitizers' reports, of the tests' child processes and workers too: every
// error, and every leak whose memory the addon asked for. What V8 itself leaves behind at a process's end is not ours.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { testFiles } from '../test-files.mjs';
import { root } from '../tools/cache.mjs';
import { debian } from '../tools/debian.mjs';
import { buildAddon, testCommands } from './addon.mjs';
import { findings } from './reports.mjs';

const LLVM = '22.1';
const RUNTIME = 'usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.asan-x86_64.so';
// `fetch`, `Response` and `Headers`, which these use, need WebAssembly, and that needs the compiler.
const NEED_COMPILER = [
  '__test__/parity/',
  '__test__/package/',
  '__test__/request/types',
  ...['evidence', 'hint', 'retry-delay', 'thrown'].map((name) => `__test__/failure/${name}`),
];

const packages = { [LLVM]: ['libclang-rt-22-dev'] };
const runtime = join(
  debian('libclang-rt-22', { suite: 'bookworm-security', architecture: 'amd64', packages }),
  RUNTIME,
);
const addon = buildAddon('asan', { toolchain: 'nightly', flags: '-Zsanitizer=address' });

const reports = join(root, 'target', 'asan', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const env = {
  ...process.env,
  NAPI_RS_NATIVE_LIBRARY_PATH: addon,
  LD_PRELOAD: runtime,
  // The sanitizer cannot see through V8's generated code.
  NODE_OPTIONS: '--jitless',
  // Exit codes stay as they are, since tests look at those of child processes; the reports decide.
  ASAN_OPTIONS: `detect_leaks=1:log_path=${join(reports, 'report')}:exitcode=0`,
};
const files = testFiles(process.argv.slice(2)).filter((file) => !NEED_COMPILER.some((path) => file.startsWith(path)));
const failed = testCommands(files).filter(
  ([command, args]) => spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status !== 0,
);
const { ours, known } = findings(reports, addon);
for (const report of ours) console.error(`${report}\n`);
console.log(`${files.length} test files: ${ours.length} findings, ${known} known ones that are not ours to mend`);
process.exitCode = ours.length === 0 && failed.length === 0 ? 0 : 1;
