// Node 20 knows no globs in `--test` and Node 22 no folders, so test files are named one by one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './addon.mjs';

/** The test files below `folder` whose path contains one of the words; all of them without words. */
export const testFiles = (words, folder = '__test__') =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith('.test.mjs') && (words.length === 0 || words.some((word) => name.includes(word))))
    .sort();
