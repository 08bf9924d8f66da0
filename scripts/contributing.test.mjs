// CONTRIBUTING.md speaks of what is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from './addon.mjs';
import { checks } from './checks.mjs';

const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const named = (pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];

test('every lint is explained, and no other', () => {
  assert.deepEqual(named(/^\| lint `([\w-]+)`/gm).sort(), checks.map(({ name }) => name).sort());
});

test('every npm script that it names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const missing = named(/npm run ([\w:-]+)/g).filter((name) => !(name in scripts));
  assert.deepEqual(missing, []);
});

test('every file and folder that it names is there', () => {
  const paths = named(/`((?:src|scripts|entry|__test__|\.ci)\/[\w./-]*)`/g);
  assert.ok(paths.length > 10);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(root, path))),
    [],
  );
});
