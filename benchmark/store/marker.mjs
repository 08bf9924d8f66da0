// Another process: marks when it is asked to, and reports when it began. The clock is the machine's, so it compares.
import { join } from 'node:path';
import { makeStore, nativeMark, profileIds } from './fixture.mjs';

const [agentDir, profiles] = process.argv.slice(2);
const sample = makeStore(Number(profiles));
sample.remove();
const fixture = { ...sample, agentDir, file: join(agentDir, 'auth-profiles.json') };
const ids = profileIds(Number(profiles));
let count = 0;
process.on('message', async () => {
  const begin = process.hrtime.bigint();
  await nativeMark(fixture, ids[count++ % ids.length]);
  process.send(String(begin));
});
process.send('ready');
