// A worker that asks once with a login that has ended.
import { workerData } from 'node:worker_threads';

import { refreshOAuth, runWithAuthProfiles } from '../../index.js';
import { ask, PROVIDER } from './logins.mjs';

const { agentDir, tokenUrl, apiUrl } = workerData;
const refresh = refreshOAuth({ tokenUrl, clientId: 'mine' });
await runWithAuthProfiles({ provider: PROVIDER, agentDir, refresh, run: (context) => ask(apiUrl, context) });
