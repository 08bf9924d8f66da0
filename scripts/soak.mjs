// The long runs: the same tests of crashes and contention with more rounds, and those that take minutes by nature.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const words = process.argv.length > 2 ? process.argv.slice(2) : ['kill', 'history', 'processes', 'holders', 'waiters'];
const result = spawnSync(process.execPath, [join(here, 'test.mjs'), ...words], {
  stdio: 'inherit',
  env: { ...process.env, AUTH_FAILOVER_SOAK: '1' },
});
process.exit(result.status ?? 1);
