// The package stays outside of a bundle, and the bundle runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `
  import { createFailover } from 'auth-failover';
  import { failoverMiddleware } from 'auth-failover/ai';
  const accounts = createFailover({ provider: 'acme', profiles: ['key-one'], state: 'memory' });
  console.log(typeof accounts.fetch, typeof failoverMiddleware);
`;

for (const format of ['esm', 'cjs']) {
  for (const setting of [{ packages: 'external' }, { external: ['auth-failover', 'auth-failover/ai'] }]) {
    test(`esbuild, ${format}, ${Object.keys(setting)}`, async (t) => {
      mkdirSync(join(root, 'target'), { recursive: true });
      // Below the package, whose name then leads to itself.
      const folder = mkdtempSync(join(root, 'target/bundle-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const outfile = join(folder, format === 'esm' ? 'out.mjs' : 'out.cjs');
      const stdin = { contents: program, resolveDir: root };
      await build({ stdin, outfile, format, bundle: true, platform: 'node', logLevel: 'silent', ...setting });
      assert.equal(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }), 'function function\n');
    });
  }
}
