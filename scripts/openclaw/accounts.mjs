// Writes accounts beside the one that the gateway's own command wrote. Runs in the pinned Node, which has SQLite, while
// no gateway does; the command itself takes half a minute an account.
//
//   node accounts.mjs STATE_DIR < [{ "provider": …, "id": …, "key": … }, …]
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const [stateDir] = process.argv.slice(2);
const wanted = JSON.parse(readFileSync(0, 'utf8'));
const profiles = Object.fromEntries(wanted.map(({ id, provider, key }) => [id, { type: 'api_key', provider, key }]));

/** Where the gateways keep the accounts of all agents; the newest first. */
const places = [
  {
    path: join(stateDir, 'state', 'openclaw.sqlite'),
    select: "SELECT value_json AS json FROM config_machine_state WHERE state_key = 'authProfiles.store'",
    update: "UPDATE config_machine_state SET value_json = ? WHERE state_key = 'authProfiles.store'",
  },
  {
    path: join(stateDir, 'agents', 'main', 'agent', 'openclaw-agent.sqlite'),
    select: "SELECT store_json AS json FROM auth_profile_store WHERE store_key = 'primary'",
    update: "UPDATE auth_profile_store SET store_json = ? WHERE store_key = 'primary'",
  },
];

function write({ path, select, update }) {
  if (!existsSync(path)) return false;
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    const row = database.prepare(select).get();
    if (!row) return false;
    database.prepare(update).run(JSON.stringify({ ...JSON.parse(row.json), profiles }));
    // So that the file alone is the whole and may be copied.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return true;
  } catch (error) {
    if (/no such table/.test(error.message)) return false;
    throw error;
  } finally {
    database.close();
  }
}

if (!places.some(write)) throw new Error(`no store of accounts below ${stateDir}`);
