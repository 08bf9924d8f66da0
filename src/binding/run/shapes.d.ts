// What `js/attempt.js` completes: no Rust struct builds it as a whole. `scripts/build.mjs` puts it into `index.d.ts`.

/** What one attempt has to work with. */
export interface AuthProfileAttemptContext {
  profileId: string
  /**
   * The profile's entry as it stands in the file now. An OAuth credential may have expired, unless `refresh` renews it.
   */
  credential: StoredCredential & { provider: string }
  /**
   * The credential as providers take it: the key, the token or the OAuth access token; for `google-gemini-cli` and
   * `google-antigravity` the JSON text of `token` and `projectId`. Where the profile names its secret by reference
   * (`keyRef`, `tokenRef`, `oauthRef`), what `resolveSecret` gave. Without that it is empty, and `run` finds the
   * reference in `credential`; if the client or the server then refuses to work without one, the attempt fails
   * with `ERR_SECRET_UNRESOLVED`, and the account rests for seconds only.
   */
  apiKey: string
  /** Aborted with the caller's reason, or with a `TimeoutError` when the attempt's time is over. */
  signal: AbortSignal
  /** From 1. */
  attempt: number
  /**
   * Says that something of the answer goes out now: if the attempt fails later, its failure is passed on, and nobody
   * else is asked (`replay: 'always'` asks). Also a sign of life, as `progress()`. Cheap enough for every chunk; needs no
   * `this`; means nothing when the attempt is over.
   */
  deliver: () => void
  /**
   * A sign of life while nothing of the answer has gone out: it ends the wait for the first byte and begins
   * `idleTimeoutMs` anew.
   */
  progress: () => void
}

/** What every event of a run has. No field of an event holds a secret. */
interface RunEvent<Type extends string> {
  type: Type
  /** `Date.now()` milliseconds. */
  at: number
}

/** The profile is not asked. Once a run, before the first attempt. */
export interface AuthProfileSkippedEvent extends RunEvent<'skipped'> {
  profileId: string
  state: 'cooling' | 'disabled' | 'unusable' | 'paused'
  /** `Date.now()` milliseconds; `null` if time will not help. */
  until: number | null
  /** Why it rests, for example `rate_limit`. */
  reason: string | null
}

/** Every free profile is being probed by another request after a long rest; the run waits for the results, 10 seconds at most. */
export interface AuthProfileWaitingEvent extends RunEvent<'waiting'> {
  profileId: string
  until: number
}

/** The profile is asked. */
export interface AuthProfileAttemptEvent extends RunEvent<'attempt'> {
  profileId: string
  /** From 1. */
  attempt: number
  /** It is the first request after a rest. */
  probe: boolean
}

/** It did not answer. */
export interface AuthProfileFailedEvent extends RunEvent<'failed'> {
  profileId: string
  attempt: number
  failure: Failure
  /**
   * The failure concerns the profile; that holds in this process from now on and is written to the store at once; see
   * `settled`.
   */
  booked: boolean
}

/** It answered. */
export interface AuthProfileSucceededEvent extends RunEvent<'succeeded'> {
  profileId: string
  attempt: number
}

/** The profile's login has a new access token, which is saved. */
export interface AuthProfileRefreshedEvent extends RunEvent<'refreshed'> {
  profileId: string
  /** The process that refreshed it; `null` where nobody knows: a host did, or a person has signed in. */
  pid: number | null
  /** When the new one ends, `Date.now()` milliseconds; `null` if it does not say. */
  expires: number | null
}

/**
 * The server of `provider` fails for every profile: it rests, or is probed by another run, until `until`. The run waits for
 * that if it is soon; else it rejects.
 */
export interface AuthProfileEndpointEvent extends RunEvent<'endpoint'> {
  provider: string
  until: number
}

/** Every profile failed in the same way, so the request is at fault, and the profiles are free again. */
export interface AuthProfileRefusedEvent extends RunEvent<'refused'> {
  until: number
}

/** No profile is left; the run rejects. */
export interface AuthProfileUnavailableEvent extends RunEvent<'unavailable'> {
  /** Who is free next; `null` if time will not help. */
  profileId: string | null
  until: number | null
}

/**
 * Of `accounts.fetch`, before its run: the request's body can be read once only and is longer than `maxReplayBytes`, so
 * there is one attempt.
 */
export interface FailoverOnceEvent extends RunEvent<'once'> {
  maxReplayBytes: number
}

/**
 * A step of a run, for logs, told apart by `type`.
 *
 * ```ts
 * onEvent: (event) => { if (event.type === 'failed') console.warn(event.profileId, event.failure.class) }
 * ```
 */
export type AuthProfileRunEvent =
  | Whole<AuthProfileSkippedEvent>
  | Whole<AuthProfileWaitingEvent>
  | Whole<AuthProfileAttemptEvent>
  | Whole<AuthProfileFailedEvent>
  | Whole<AuthProfileSucceededEvent>
  | Whole<AuthProfileRefreshedEvent>
  | Whole<AuthProfileEndpointEvent>
  | Whole<AuthProfileRefusedEvent>
  | Whole<AuthProfileUnavailableEvent>
  | Whole<FailoverOnceEvent>

/** What other events have may be asked for before the type is known. */
type Whole<Event> = Event & {
  [Field in Exclude<
    | 'provider'
    | 'pid'
    | 'expires'
    | 'profileId'
    | 'attempt'
    | 'probe'
    | 'state'
    | 'until'
    | 'reason'
    | 'failure'
    | 'booked',
    keyof Event
  >]?: undefined
}
