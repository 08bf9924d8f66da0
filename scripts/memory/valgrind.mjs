// The smoke test and some public-API tests under valgrind: reads of what was never written, and memory that is lost.
//
//   node scripts/memory/valgrind.mjs [words of test files; default: a few that take minutes, not hours]
//
// Only what passes through the addon counts: V8 reports by itself a little that is not ours.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { testFiles } from '../test-files.mjs';
import { root, run } from '../tools/cache.mjs';

const DEFAULT = ['store/marks', 'store/edits', 'request/stream', 'request/abort', 'failure/evidence', 'rotation/'];

// What ring's assembly code ciphers counts as never written: this valgrind does not know all its instructions. It shows
// where a tag is compared and where ciphered bytes are sent; peers accept both.
const KNOWN = [/ring::bb::verify_slices_are_equal/, /Syscall param (writev|write|sendmsg|sendto)\b/];

const tests = testFiles(process.argv.length > 2 ? process.argv.slice(2) : DEFAULT);
run('npm', ['run', '--silent', 'build:debug'], { show: true });
const reports = join(root, 'target', 'valgrind', 'reports');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

/** Runs one file in this process tree's only valgrind; a test file runs its tests itself without `--test`. */
function check(file, index) {
  const report = join(reports, `${index}.txt`);
  const options = ['--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite'];
  const node = [process.execPath, '--jitless', file];
  const { status } = spawnSync('valgrind', [...options, `--log-file=${report}`, ...node], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Blocks of a report are separated by lines that hold the process id alone.
  const blocks = readFileSync(report, 'utf8').split(/^==\d+== \n/m);
  const ours = blocks.filter(
    (block) => /\.rs:\d+\)|auth-failover\.[\w-]+\.node/.test(block) && /^==\d+== +(by|at) 0x/m.test(block),
  );
  const unknown = ours.filter((block) => !KNOWN.some((known) => known.test(block)));
  const known = ours.length - unknown.length;
  console.log(`${file}: ${status === 0 ? 'passed' : 'FAILED'}, ${unknown.length} findings, ${known} known ones`);
  for (const block of unknown) console.log(block);
  return status === 0 && unknown.length === 0;
}

const results = [join('scripts', 'smoke.cjs'), ...tests].map(check);
process.exitCode = results.every(Boolean) ? 0 : 1;
