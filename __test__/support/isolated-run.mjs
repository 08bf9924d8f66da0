// One request that says whom it asks, and ends when it is told or killed.
import { runWithAuthProfiles } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, provider } = argument();
const told = new Promise((resolve) => process.once('message', resolve));
await runWithAuthProfiles({
  agentDir,
  provider,
  run: ({ profileId }) => {
    process.send(profileId);
    return told;
  },
});
process.disconnect();
