// A `fetch` over a store with one account a key, and the server that they all ask.
import { createFetch } from '../../entry/fetch/fetch.js';
import { runWithAuthProfiles, settled } from '../../index.js';
import { AgentDir, storeOf } from './agent-dir.mjs';
import { apiServer } from './api-server.mjs';

export const PROVIDER = 'acme';

/** `conduct` as in `apiServer`; its keys are the accounts, in that order. */
export async function fetching(t, conduct, { run: params, ...settings } = {}) {
  const served = await apiServer(t, conduct);
  const keys = Object.keys(conduct).filter((key) => key !== 'else');
  const profile = (key) => [`${PROVIDER}:${key}`, { type: 'api_key', provider: PROVIDER, key }];
  const order = { [PROVIDER]: keys.map((key) => `${PROVIDER}:${key}`) };
  const dir = new AgentDir(t, storeOf(Object.fromEntries(keys.map(profile)), { order }));
  const events = [];
  const told = { onEvent: (event) => events.push(event) };
  /** Every run, as it ends. */
  const runs = [];
  const run = (own) => {
    const given = runWithAuthProfiles({ provider: PROVIDER, agentDir: dir.path, ...told, ...params, ...own });
    runs.push(given);
    return given;
  };
  /** How the last answer was booked. */
  const booked = async () => {
    const [end] = await Promise.allSettled(runs.slice(-1));
    await settled();
    return end;
  };
  return { ...served, dir, events, run, runs, booked, fetch: createFetch(run, { ...told, ...settings }) };
}

export const chatBody = (rest = {}) =>
  JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'hi' }], ...rest });

/** A request as the `openai` SDK sends it. */
export const chatInit = (rest = {}, init = {}) => ({
  method: 'POST',
  headers: { authorization: 'Bearer unused', 'content-type': 'application/json' },
  body: chatBody(rest),
  ...init,
});
