// Books failures as fast as it can and reports every result.
import { markAuthProfileFailure } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, profileIds, marks, options } = argument();
const store = {
  version: 1,
  profiles: Object.fromEntries(profileIds.map((id) => [id, { type: 'oauth', provider: 'p' }])),
};
process.send('ready');
await new Promise((resolve) => process.once('message', resolve));
const results = [];
for (let index = 0; index < marks; index++) {
  const profileId = profileIds[index % profileIds.length];
  results.push(await markAuthProfileFailure({ store, profileId, reason: 'rate_limit', agentDir, ...options }));
}
process.send({ persisted: results.filter((result) => result.persisted).length, last: results.at(-1) });
process.disconnect();
