// Takes the lock and says so; waits there to be killed.
import { withAuthProfileLock } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, options } = argument();
await withAuthProfileLock(
  agentDir,
  () => {
    process.send('held');
    return new Promise(() => {});
  },
  options,
);
