// The types of the front door: what must compile, and what must not.
import {
  type AuthFailoverError,
  type AuthProfileRunEvent,
  createFailover,
  type Failover,
  type FailoverProfile,
  fromEnv,
  type RefreshCredential,
  refreshOAuth,
  runWithAuthProfiles,
  upsertAuthProfile,
} from 'auth-failover';

const accounts: Failover = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') });

/** What `run` returns is what comes back. */
export async function answers(): Promise<number> {
  const { result, profileId } = await accounts.run(
    async ({ apiKey, baseURL, headers }) => [apiKey, baseURL ?? '', headers?.organization ?? ''].join().length,
  );
  const other = await accounts.run({ model: 'gpt', sessionKey: profileId, run: () => result });
  return other.result;
}

/** Logins are renewed by a function of one's own, or by `refreshOAuth`. */
export function logins(agentDir: string) {
  const tokens = refreshOAuth({ tokenUrl: 'https://login.example/token', clientId: 'mine', format: 'json' });
  const own: RefreshCredential = async (credential, about) => ({ ...credential, access: about?.profileId ?? '' });
  const both = [tokens, own].map((refresh) =>
    createFailover({ provider: 'acme', agentDir, refresh, refreshBeforeMs: 30_000, refreshWait: 'rotate' }),
  );
  return both.map(({ fetch }) => fetch);
}

/** Events are told apart by their type. */
export function log(event: AuthProfileRunEvent): string {
  switch (event.type) {
    case 'skipped':
      return `${event.profileId} ${event.state} ${event.until?.toFixed()} ${event.reason}`;
    case 'waiting':
      return `${event.profileId} ${event.until.toFixed()}`;
    case 'attempt':
      return `${event.profileId} ${event.attempt} ${event.probe}`;
    case 'failed':
      return `${event.profileId} ${event.failure.class} ${event.booked}`;
    case 'succeeded':
      return event.profileId;
    case 'refreshed':
      return `${event.profileId} ${event.pid?.toFixed()} ${event.expires?.toFixed()}`;
    case 'endpoint':
      return `${event.provider} ${event.until.toFixed()}`;
    case 'refused':
      return event.until.toFixed();
    case 'unavailable':
      return `${event.profileId} ${event.until?.toFixed()}`;
    case 'once':
      return event.maxReplayBytes.toFixed();
    default:
      return event satisfies never;
  }
}

/** Before that, what only some of them have may not be there. */
export const shortly = (event: AuthProfileRunEvent) => `${event.type} ${event.profileId ?? ''} ${event.failure?.class}`;
// @ts-expect-error A class without a failure.
export const wrong = (event: AuthProfileRunEvent) => event.failure.class;

/** What is optional may be `undefined`, also with `exactOptionalPropertyTypes`. */
export function open(model: string | undefined, signal: AbortSignal | undefined) {
  const profile: FailoverProfile = { apiKey: async ({ profileId }) => profileId, id: 'a', baseURL: undefined };
  const handle = createFailover({
    provider: 'p',
    profiles: [profile, 'key'],
    model,
    name: undefined,
    onEvent: undefined,
  });
  return [
    handle.lease({ model, signal }),
    handle.describe({ model }),
    handle.rest('a', { forMs: 1, reason: undefined }),
    runWithAuthProfiles({ provider: 'p', model, signal, timeoutMs: undefined, run: () => 1 }),
  ];
}

/** A credential is told apart by its type. */
export async function credentials() {
  await accounts.run(({ credential }) => (credential.type === 'oauth' ? credential.access : credential.provider));
  await upsertAuthProfile({ profileId: 'a', credential: { type: 'api_key', provider: 'p', key: 'k', mine: 1 } });
  createFailover({ provider: 'p', profiles: [{ id: 'a', credential: { type: 'token', token: 't' } }] });
  // @ts-expect-error There is no such type.
  await upsertAuthProfile({ profileId: 'a', credential: { type: 'apikey', provider: 'p', key: 'k' } });
  // @ts-expect-error A stored key is called key.
  await upsertAuthProfile({ profileId: 'a', credential: { type: 'api_key', provider: 'p', apiKey: 'k' } });
  // @ts-expect-error There is no such type.
  createFailover({ provider: 'p', profiles: [{ id: 'a', credential: { type: 'apikey', key: 'k' } }] });
  // @ts-expect-error A key is given as apiKey.
  createFailover({ provider: 'p', profiles: [{ key: 'k' }] });
  // @ts-expect-error A profile has a key or a credential.
  createFailover({ provider: 'p', profiles: [{ id: 'a', apiKey: 'k', credential: { type: 'api_key', key: 'k' } }] });
}

/** A lease in a loop, and at the end of a block. */
export async function leases(ask: (key: string, signal: AbortSignal) => Promise<string>): Promise<string> {
  let lease = await accounts.lease({ model: 'm' });
  for (;;) {
    try {
      const answer = await ask(lease.apiKey, lease.signal);
      lease.succeed();
      return answer;
    } catch (error) {
      const failure = await lease.fail(error);
      if (failure?.rotate === false) lease.release();
      lease = await lease.next();
    }
  }
}

/** Errors of the loop answer HTTP. */
export function respond(error: AuthFailoverError): Response | number {
  if (error.code === 'ERR_NO_PROFILE_AVAILABLE') return error.toResponse();
  return error.code === 'ERR_PROVIDER_UNAVAILABLE' ? error.status : 500;
}
