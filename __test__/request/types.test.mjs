// index.d.ts against pi-ai's types, with the real compiler.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const source = fileURLToPath(new URL('../support/pi-types.ts', import.meta.url));

test("pi-ai's models, contexts and options fit, and so do our events the other way round", () => {
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext'];
  const { stdout, status } = spawnSync(process.execPath, [compiler, ...flags, source], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
