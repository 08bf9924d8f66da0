// What was fetched once under a name must be the same whenever and wherever it is fetched again.
import { readFileSync, writeFileSync } from 'node:fs';

/** The table with this hash in it; throws if another one stands there for the same name. */
export function withHash(table, name, sha256) {
  const known = table[name];
  if (known !== undefined && known !== sha256) {
    throw new Error(
      `${name} is not what it was: sha256 ${sha256}, recorded is ${known}. Do not use it; ask another mirror, or find out ` +
        'who changed it before you take the line out of the record',
    );
  }
  const entries = Object.entries({ ...table, [name]: sha256 });
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The same for a record in a file, which is written only if something is new. */
export function checkHash(file, name, sha256) {
  const table = JSON.parse(readFileSync(file, 'utf8'));
  const next = withHash(table, name, sha256);
  if (!(name in table)) writeFileSync(file, `${JSON.stringify(next, null, 2)}\n`);
}
