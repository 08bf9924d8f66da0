// Carries rows of the gateway's SQLite databases to the core, which says what is asked and knows what it means; protocol
// in src/store/openclaw/question.rs. Only for a process of its own: a second SQLite in a gateway's process would free the
// gateway's locks.
import { existsSync } from 'node:fs';

/** How long a writer is waited for. */
const BUSY_MS = 1000;

/** The answer's text for a question's text. */
export async function answer(question) {
  const { databases } = JSON.parse(question);
  const DatabaseSync = await load();
  return JSON.stringify({
    node: process.version,
    databases: DatabaseSync && databases.map((database) => read(DatabaseSync, database)),
  });
}

/** `null`: this Node has none. It says on its own that the module is experimental, which is not the user's concern. */
async function load() {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return (await import('node:sqlite')).DatabaseSync;
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function read(DatabaseSync, { path, queries }) {
  if (!existsSync(path)) return { missing: true };
  let database;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    // One transaction: all rows are of one moment.
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; BEGIN`);
    return { rows: Object.fromEntries(queries.map(([name, sql]) => [name, ask(database, sql)])) };
  } catch ({ message }) {
    return { error: message };
  } finally {
    // An open one would keep the gateway from tidying up its log.
    database?.close();
  }
}

function ask(database, sql) {
  try {
    return database.prepare(sql).all();
  } catch ({ message }) {
    return { error: message };
  }
}
