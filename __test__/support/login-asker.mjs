// A process that asks with logins. On each `{ requests, profileIds, atOnce }` it makes that many requests with each of the
// profiles, so many at once, and tells what they came to.
import { refreshOAuth, runWithAuthProfiles, settled } from '../../index.js';
import { argument } from './child.mjs';
import { ask, PROVIDER } from './logins.mjs';

const { agentDir, mainDir, tokenUrl, apiUrl, skewMs = 0, options = {} } = argument();
if (mainDir) process.env.OPENCLAW_AGENT_DIR = mainDir;
if (skewMs !== 0) {
  const now = Date.now;
  Date.now = () => now() + skewMs;
}
const refresh = refreshOAuth({ tokenUrl, clientId: 'mine' });

async function once(profileId) {
  const pinned = profileId ? { preferredProfile: profileId, strategy: 'pinned' } : {};
  const started = performance.now();
  const events = [];
  const onEvent = ({ type }) => events.push(type);
  const params = { provider: PROVIDER, agentDir, refresh, onEvent, ...pinned, ...options };
  const outcome = await runWithAuthProfiles({ ...params, run: (context) => ask(apiUrl, context) }).then(
    ({ result, profileId: who }) => ({ result, profileId: who }),
    ({ code, cause }) => ({ code, cause: cause?.code, needsLogin: cause?.needsLogin }),
  );
  return { ...outcome, events, tookMs: performance.now() - started };
}

process.on('message', async ({ requests, profileIds = [undefined], atOnce = requests }) => {
  const outcomes = [];
  const left = profileIds.flatMap((id) => Array(requests).fill(id));
  const lane = async () => {
    while (left.length > 0) outcomes.push(await once(left.shift()));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await settled();
  process.send(outcomes);
});
process.send('ready');
