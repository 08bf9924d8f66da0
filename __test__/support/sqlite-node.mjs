// A Node that reads SQLite: this one, or the one that `npm run test:sqlite` names. Where there is none, what needs one is
// skipped with a line.
import { spawnSync } from 'node:child_process';

const hasSqlite = (node) => spawnSync(node, ['-e', 'require("node:sqlite")'], { stdio: 'ignore' }).status === 0;

const candidates = [process.env.AUTH_FAILOVER_SQLITE_NODE, process.execPath].filter(Boolean);

/** Its path, or `undefined`. */
export const sqliteNode = candidates.find(hasSqlite);

/** For `skip` of a test. */
export const withoutSqlite = sqliteNode ? false : 'this Node has no node:sqlite; npm run test:sqlite brings one';
