// Books failures until it is killed. Says which ones were persisted in a way that a kill cannot take back: one byte
// a mark, the profile's index, written to the pipe before the next mark begins.
import { writeSync } from 'node:fs';
import { markAuthProfileFailure } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, profileIds, options } = argument();
const store = {
  version: 1,
  profiles: Object.fromEntries(profileIds.map((id) => [id, { type: 'oauth', provider: 'p' }])),
};
for (let index = 0; ; index = (index + 1) % profileIds.length) {
  const result = await markAuthProfileFailure({
    store,
    profileId: profileIds[index],
    reason: 'auth',
    agentDir,
    ...options,
  });
  if (result.persisted) writeSync(1, Uint8Array.of(index));
}
