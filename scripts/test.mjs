// Runs the public-API tests: all of __test__, or the files whose path contains one of the given words.
import { spawnSync } from 'node:child_process';

import { root } from './addon.mjs';
import { testFiles } from './test-files.mjs';

const words = process.argv.slice(2);
const files = testFiles(words);
if (files.length === 0) {
  console.error(`no test file matches ${words.join(', ')}`);
  process.exit(1);
}
const result = spawnSync(process.execPath, ['--test', ...files], { cwd: root, stdio: 'inherit' });
process.exit(result.status ?? 1);
