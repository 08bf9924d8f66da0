// At each message: waits for the lock and writes down when it enters and leaves, in a file that all waiters share.
import { closeSync, openSync, writeSync } from 'node:fs';
import { withAuthProfileLock } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, log, options } = argument();
const file = openSync(log, 'a');
const note = (what) => writeSync(file, `${what} ${process.pid}\n`);

process.on('message', async (message) => {
  if (message === 'end') {
    closeSync(file);
    process.disconnect();
    return;
  }
  await withAuthProfileLock(
    agentDir,
    async () => {
      note('enter');
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      note('leave');
    },
    options,
  );
  process.send('left');
});
process.send('ready');
