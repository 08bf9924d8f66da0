// A callback that throws: tells what the process sees of it, and whether the watch goes on.
import { markAuthProfileUsed, readAuthProfileStore, watchAuthProfiles } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir } = argument();
const thrown = new RangeError('mine');
process.on('uncaughtException', (error) => process.send({ isTheSame: error === thrown }));
await watchAuthProfiles({
  agentDir,
  onChange() {
    throw thrown;
  },
});
const store = await readAuthProfileStore({ agentDir });
process.send('watching');
process.on('message', () => markAuthProfileUsed({ store, profileId: 'a', agentDir }));
