// Takes the lock with proper-lockfile and keeps it, heartbeat included, until told to release it.
import { once } from 'node:events';
import lockfile from 'proper-lockfile';
import { argument } from './child.mjs';

const { file, options } = argument();
const release = await lockfile.lock(file, options);
process.send('held');
await once(process, 'message');
await release();
process.send('released');
process.disconnect();
