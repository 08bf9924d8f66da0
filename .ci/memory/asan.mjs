// The public-API tests under AddressSanitizer and LeakSanitizer.
//
//   node .ci/memory/asan.mjs [words of test files; default: every file but those below]
//
// Needs rustup's nightly. Any report makes the process that it concerns, and so its test, fail.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../tools/cache.mjs';
import { debian } from '../tools/debian.mjs';
import { buildAddon, testCommands } from './addon.mjs';

const LLVM = '1:22.1.8-1~deb12u1';

const runtime = join(
  debian('libclang-rt-22', {
    suite: 'bookworm-security',
    architecture: 'amd64',
    packages: { 'libclang-rt-22-dev': LLVM },
  }),
  'usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.asan-x86_64.so',
);
const addon = buildAddon('asan', { toolchain: 'nightly', flags: '-Zsanitizer=address' });

// Reports go to files: tests of child processes read what those print.
const reports = join(root, 'target', 'asan', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const env = {
  ...process.env,
  NAPI_RS_NATIVE_LIBRARY_PATH: addon,
  LD_PRELOAD: runtime,
  // The sanitizer cannot see through V8's generated code.
  NODE_OPTIONS: '--jitless',
  ASAN_OPTIONS: `detect_leaks=1:log_path=${join(reports, 'report')}:exitcode=99`,
  LSAN_OPTIONS: `suppressions=${join(root, '.ci', 'memory', 'lsan.supp')}:print_suppressions=0`,
};

const failed = testCommands(process.argv.slice(2)).filter(
  ([command, args]) => spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status !== 0,
);
const found = readdirSync(reports);
for (const name of found) console.error(readFileSync(join(reports, name), 'utf8'));
console.log(`${found.length} reports of the sanitizers, ${failed.length} of 2 runs failed`);
process.exitCode = found.length === 0 && failed.length === 0 ? 0 : 1;
