// The host's way: proper-lockfile with the host's options, read, modify, write in place.
import { readFileSync, writeFileSync } from 'node:fs';
import lockfile from 'proper-lockfile';
import { argument } from './child.mjs';
import { HOST_LOCK_OPTIONS } from './host-lock.mjs';

const { file, profileIds, marks } = argument();
process.send('ready');
await new Promise((resolve) => process.once('message', resolve));
for (let index = 0; index < marks; index++) {
  const release = await lockfile.lock(file, HOST_LOCK_OPTIONS);
  const store = JSON.parse(readFileSync(file, 'utf8'));
  const id = profileIds[index % profileIds.length];
  store.usageStats ??= {};
  const stats = store.usageStats[id] ?? {};
  store.usageStats[id] = { ...stats, errorCount: (stats.errorCount ?? 0) + 1 };
  writeFileSync(file, `${JSON.stringify(store, null, 2)}\n`);
  await release();
}
process.send('done');
process.disconnect();
