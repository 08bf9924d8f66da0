// Writes accounts into a database of the current gateway, which it makes if it is not there. The change comes as JSON.
import { readFileSync } from 'node:fs';

process.emitWarning = () => {};
const { DatabaseSync } = await import('node:sqlite');

/** As the gateway's own databases have them. */
const SCHEMA = {
  state: `
    CREATE TABLE IF NOT EXISTS schema_meta (meta_key TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, schema_version INTEGER NOT NULL,
      agent_id TEXT, app_version TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS config_machine_state (state_key TEXT NOT NULL PRIMARY KEY, value_json TEXT NOT NULL, updated_at_ms INTEGER NOT NULL) STRICT;`,
  agent: `
    CREATE TABLE IF NOT EXISTS schema_meta (meta_key TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, schema_version INTEGER NOT NULL,
      agent_id TEXT, app_version TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS auth_profile_store (store_key TEXT NOT NULL PRIMARY KEY, store_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS auth_profile_state (state_key TEXT NOT NULL PRIMARY KEY, state_json TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;`,
};

const { path, kind, version, rows } = JSON.parse(readFileSync(0, 'utf8'));
const database = new DatabaseSync(path);
database.exec(
  `PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA user_version = ${version}; ${SCHEMA[kind]}`,
);
const now = Date.now();
const meta = 'INSERT OR REPLACE INTO schema_meta VALUES (?, ?, ?, NULL, ?, ?, ?)';
database.prepare(meta).run('primary', kind === 'state' ? 'global' : 'agent', version, '2026.9.6', now, now);

function put(table, column, key, text, value) {
  if (value === null) return database.prepare(`DELETE FROM ${table} WHERE ${column} = ?`).run(key);
  database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?)`).run(key, text, now);
}

database.exec('BEGIN IMMEDIATE');
for (const [name, value] of Object.entries(rows)) {
  const text = JSON.stringify(value);
  if (kind === 'state') put('config_machine_state', 'state_key', name, text, value);
  else put(`auth_profile_${name}`, `${name}_key`, 'primary', text, value);
}
database.exec('COMMIT');
database.close();
