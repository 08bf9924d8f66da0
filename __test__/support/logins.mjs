// A token server, an API that takes its tokens, and a store of logins.
import { existsSync, readFileSync } from 'node:fs';

import { refreshOAuth } from '../../index.js';
import { AgentDir, storeOf } from './agent-dir.mjs';
import { startTokenServer } from './token-server.mjs';

export const PROVIDER = 'acme';
export const idOf = (name) => `${PROVIDER}:${name}`;

/** What a client throws for a refusal. */
export class ApiError extends Error {
  constructor(status, body) {
    super(`${status} ${JSON.stringify(body)}`);
    Object.assign(this, { status, body });
  }
}

/** Asks the API; gives the name of the login. */
export async function ask(apiUrl, { apiKey, signal }) {
  const response = await fetch(apiUrl, { headers: { authorization: `Bearer ${apiKey}` }, signal });
  const body = await response.json();
  if (!response.ok) throw new ApiError(response.status, body);
  return body.family;
}

/** A server and a store with one login a name, each with these fields; and what a run needs to ask with them. */
export async function logins(t, byName, options) {
  const server = await startTokenServer(t, options);
  const profiles = {};
  for (const [name, fields] of Object.entries(byName)) profiles[idOf(name)] = server.login(name, fields);
  const dir = new AgentDir(t, storeOf(profiles));
  const events = [];
  const params = {
    provider: PROVIDER,
    agentDir: dir.path,
    refresh: refreshOAuth({ tokenUrl: server.tokenUrl, clientId: 'mine' }),
    onEvent: (event) => events.push(event),
    run: (context) => ask(server.apiUrl, context),
  };
  return {
    server,
    dir,
    params,
    events,
    types: () => events.map(({ type }) => type),
    /** What stands in the store. */
    stored: (name) => dir.json().profiles[idOf(name)],
    /** What the pool knows of logins. */
    records: () => poolOf(dir).logins?.records ?? [],
  };
}

/** The pool beside a store. */
export function poolOf(dir) {
  const file = `${dir.file}.native-pool`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
