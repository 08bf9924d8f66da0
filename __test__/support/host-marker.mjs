// A host's process that books failures one after the other, without a break.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { argument } from './child.mjs';

const { folder, agentDir, profileId, marks } = argument();
const host = await import(pathToFileURL(join(folder, 'dist/agents/auth-profiles.js')).href);
const store = host.ensureAuthProfileStore(agentDir);
process.send('ready');
process.once('message', async () => {
  for (let mark = 0; mark < marks; mark += 1) {
    await host.markAuthProfileFailure({ store, profileId, reason: 'rate_limit', agentDir });
  }
  process.send('done');
  process.disconnect();
});
