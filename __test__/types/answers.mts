// What comes back has the narrowest type that is true: unions to switch over, errors told apart by their code.
import {
  type AuthFailoverError,
  type AuthFailoverErrorCode,
  type AuthProfileFailureReason,
  classifyFailure,
  describeAuthProfiles,
  type Failure,
  type FailureClass,
  type FailureScope,
  getSoonestCooldownExpiry,
  type HintSource,
  markAuthProfileFailure,
  markAuthProfileUsed,
  parseRetryHint,
  pauseAuthProfile,
  readAuthProfileStore,
  requestGeminiCli,
  resumeAuthProfile,
  runWithAuthProfiles,
} from 'auth-failover';
import { isSupported, type NativeUnavailableError, whyUnsupported } from 'auth-failover/supported';

/** Every code has its own fields, and no code is forgotten. */
export function explain(error: AuthFailoverError): string {
  switch (error.code) {
    case 'ERR_INVALID_ARGUMENT':
      return error.field;
    case 'ERR_LOCK_TIMEOUT':
      return `${error.holder} ${error.lockAgeMs?.toFixed()} ${error.waitedMs.toFixed()}`;
    case 'ERR_STORE_MISSING':
    case 'ERR_STORE_UNREADABLE':
    case 'ERR_STORE_MIGRATED':
    case 'ERR_STORE_READ_ONLY':
    case 'ERR_STORE_NO_SPACE':
    case 'ERR_STORE_BUSY':
    case 'ERR_WATCH_LIMIT':
      return error.path;
    case 'ERR_STORE_IO':
      return `${error.path} ${error.errno?.toFixed()}`;
    case 'ERR_TIMEOUT':
      return error.name;
    case 'ERR_NO_PROFILE_AVAILABLE':
      return `${error.nextProfileId} ${error.freeAt?.toFixed()} ${error.attempts.length}`;
    case 'ERR_PROVIDER_UNAVAILABLE':
      return `${error.provider} ${error.model} ${error.retryAfterMs.toFixed()} ${error.attempts.length}`;
    case 'ERR_REQUEST_REFUSED':
      return error.retryAfterMs.toFixed();
    case 'ERR_ATTEMPT_FAILED':
      return error.profileId;
    case 'ERR_SECRET_UNRESOLVED':
      return `${error.profileId} ${error.reference}`;
    case 'ERR_REFRESH_FAILED':
      return `${error.profileId} ${error.needsLogin} ${error.failure.class}`;
    case 'ERR_RATE_LIMITED':
    case 'ERR_OVERLOADED':
    case 'ERR_BILLING':
    case 'ERR_AUTH':
    case 'ERR_ACCOUNT_REFUSED':
    case 'ERR_BAD_REQUEST':
    case 'ERR_MODEL_NOT_FOUND':
    case 'ERR_NETWORK':
    case 'ERR_TRUNCATED':
    case 'ERR_EMPTY_RESPONSE':
    case 'ERR_ABORTED':
    case 'ERR_REQUEST_FAILED':
      return `${error.failure.class} ${error.failure.resetAt?.toFixed()} ${error.partial.content.length}`;
    case 'ERR_INTERNAL':
      return error.message;
    default:
      return error satisfies never;
  }
}

/** Every code of the union belongs to an error, and the other way round. */
export const codes: AuthFailoverError['code'] = {} as AuthFailoverErrorCode;
export const back: AuthFailoverErrorCode = {} as AuthFailoverError['code'];
/** They are errors: what takes an `Error` takes them. */
export const error: Error = {} as AuthFailoverError;

export async function answers(agentDir: string) {
  const store = await readAuthProfileStore({ agentDir });
  const failure: Failure = classifyFailure({ status: 429 });
  const kind: FailureClass = failure.class;
  const scope: FailureScope = failure.scope;
  const source: HintSource | null = failure.source;
  const hint: HintSource | undefined = parseRetryHint({ body: '' })?.source;
  const booked = await markAuthProfileFailure({ store, profileId: 'a', failure, agentDir });
  const code: AuthFailoverErrorCode | undefined = booked.code;
  const { persisted }: { persisted: boolean } = await markAuthProfileUsed({ store, profileId: 'a', agentDir });
  const soonest: number | null = getSoonestCooldownExpiry(store, ['a'], { forModel: 'm' });
  const { profiles } = await describeAuthProfiles({ agentDir });
  const state: 'ready' | 'cooling' | 'disabled' | 'unusable' | 'paused' | undefined = profiles[0]?.state;
  const paused: boolean = (await pauseAuthProfile({ agentDir, profileId: 'a' })).changed;
  await resumeAuthProfile({ agentDir, profileId: 'a', strict: true });
  return { kind, scope, source, hint, code, persisted, soonest, state, paused };
}

/** A reason that is not known yet is still a reason; a class that does not exist is no class. */
export async function reasons(agentDir: string, reason: AuthProfileFailureReason) {
  const store = await readAuthProfileStore();
  await markAuthProfileFailure({ store, profileId: 'a', reason, agentDir });
  await markAuthProfileFailure({ store, profileId: 'a', reason: 'session_expired', agentDir });
  const message = await requestGeminiCli({ id: 'm' }, { messages: [] });
  if (message.failure) await markAuthProfileFailure({ store, profileId: 'a', failure: message.failure });
  // @ts-expect-error there is no such class
  return classifyFailure({ status: 429 }).class === 'tired';
}

export const why: NativeUnavailableError | null = isSupported() ? null : whyUnsupported();
export const problem: 'unsupported-platform' | 'package-missing' | 'load-failed' | undefined = why?.problem;

/** What `run` gets works detached, and what it gives is what comes back. */
export async function ask(signal: AbortSignal): Promise<number> {
  const { result, attempts } = await runWithAuthProfiles({
    provider: 'acme',
    force: true,
    firstByteTimeoutMs: 1_000,
    idleTimeoutMs: 1_000,
    signal,
    resolveSecret: async (reference, { profileId, signal }) =>
      signal.aborted || typeof reference !== 'string' ? profileId : reference,
    run: async ({ apiKey, deliver, progress, signal }) => {
      const response = await fetch('http://127.0.0.1', { headers: { authorization: apiKey }, signal });
      progress();
      deliver();
      return response;
    },
  });
  return result.status + attempts.length;
}
