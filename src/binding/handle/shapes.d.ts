// What `entry/handle` makes, and what its parts take. `scripts/build.mjs` puts it into `index.d.ts`.

// Declared by Node's types and by TypeScript's newer libraries too; older ones have neither.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol
    readonly asyncDispose: unique symbol
  }
}

/** One account that a program gives in line, with what belongs to it. */
export type FailoverProfile = FailoverKeyProfile | FailoverCredentialProfile

/** What every in-line account may have. */
export interface FailoverProfileBasics {
  /**
   * What the account is called, in events, in the state and on the command line. Default: `<provider>:<label>`, else
   * `<provider>:` and a short hash of the key that cannot be read back. So a key that moves in the list keeps its window.
   */
  id?: string | null
  label?: string | null
  /** Where this account is asked: goes with its key as `context.baseURL` and `lease.baseURL`. */
  baseURL?: string | null
  /** Headers that go with its key, for example an organization: as `context.headers` and `lease.headers`. */
  headers?: Record<string, string> | null
}

/** An account with a key. */
export interface FailoverKeyProfile extends FailoverProfileBasics {
  /** The key, or a function that gives it, asked before each attempt. With a function, give an `id` or a `label`. */
  apiKey:
    | string
    | ((about: { profileId: string; provider: string; signal: AbortSignal }) => string | PromiseLike<string>)
  credential?: never
}

/** An account with a whole credential, as stores have them. It is not written anywhere. */
export interface FailoverCredentialProfile extends FailoverProfileBasics {
  id: string
  credential: StoredCredential
  apiKey?: never
}

/** The options of `createFailover`. Those of the loop hold for every call that does not say otherwise. */
export type FailoverOptions = FailoverPlace &
  FailoverFetchOptions &
  Omit<RunWithAuthProfilesParams, 'signal' | 'sessionKey' | 'requestKey' | 'preferredProfile'> &
  Omit<AuthProfileOptions, 'strict'> & {
    /** Called with each step of every run, as `onEvent` of `runWithAuthProfiles`. */
    onEvent?: ((event: AuthProfileRunEvent) => void) | null
  }

/** What one call of a handle may say otherwise. */
export type FailoverCallOptions = Omit<Partial<RunWithAuthProfilesParams>, 'provider' | 'agentDir'> &
  Omit<AuthProfileOptions, 'strict'> & { onEvent?: ((event: AuthProfileRunEvent) => void) | null }

/** What `run` of a handle is called with. */
export interface FailoverAttemptContext extends AuthProfileAttemptContext {
  /** That of the in-line profile; `null` if it has none. */
  baseURL: string | null
  headers: Record<string, string> | null
}

/** What a run gives. */
export interface AuthProfileRunResult<T> {
  /** What `run` returned. */
  result: T
  /** Who answered. */
  profileId: string
  /** Every attempt; the last one answered. */
  attempts: AuthProfileAttempt[]
}

/**
 * One attempt of a run, taken apart: for what is no function, as a proxy, a socket or a stream. No method needs `this`.
 *
 * ```js
 * let lease = await accounts.lease({ model })
 * for (;;) {
 *   try {
 *     const answer = await ask(lease.apiKey, lease.signal)
 *     lease.succeed()
 *     return answer
 *   } catch (error) {
 *     await lease.fail(error)
 *     lease = await lease.next()
 *   }
 * }
 * ```
 *
 * The account is reserved until one of `succeed`, `fail` and `release` is called; the first one counts. A lease keeps no
 * process alive. One that is collected unsettled is released, with a warning (`WARN_LEASE_LOST`).
 */
export interface AuthProfileLease {
  readonly profileId: string
  /** The key, the token or the access token, as in `run`. */
  readonly apiKey: string
  readonly credential: StoredCredential & { provider: string }
  /** From 1. */
  readonly attempt: number
  /** Aborted with the caller's reason, with a `TimeoutError` when the attempt's time is over, and by `release()`. */
  readonly signal: AbortSignal
  /** That of the in-line profile; `null` if it has none. */
  readonly baseURL: string | null
  readonly headers: Record<string, string> | null
  /** It answered. */
  succeed(): void
  /**
   * It failed: with an error, a `Response` that is not `ok` (its body stays readable), or `{ status, headers, body }`.
   * Booked at once; nobody else is reserved. Resolves with what the failure means; `null` if the lease was over already.
   */
  fail(evidence?: unknown): Promise<Failure | null>
  /**
   * After `fail`: the next account's lease, in the same run. Rejects as `run` does, with what was passed to `fail` as the
   * `cause`, or, where another account would not help, as it is (`ERR_ATTEMPT_FAILED` with it as `result`, if it is no
   * error).
   */
  next(): Promise<AuthProfileLease>
  /** As in `run`: something of the answer goes out now. */
  deliver(): void
  /** As in `run`: a sign of life. */
  progress(): void
  /** Gives the account back: nothing came of it, and nobody is at fault. */
  release(): void
  [Symbol.dispose](): void
  [Symbol.asyncDispose](): Promise<void>
}

/** How long an account rests, and why. One of `until` and `forMs` must be given. */
export interface FailoverRestParams {
  /** `Date.now()` milliseconds. */
  until?: number | null
  forMs?: number | null
  /** Shown where the account's state is shown. Default `manual`. */
  reason?: string | null
}

/** A program's accounts of one provider. Its methods need no `this`. */
export interface Failover {
  /**
   * Asks one account after the other until one answers: `runWithAuthProfiles` with the options of the handle.
   *
   * ```js
   * const { result } = await accounts.run(({ apiKey, signal }) => ask(apiKey, { signal }))
   * ```
   */
  run<T>(run: (context: FailoverAttemptContext) => T | PromiseLike<T>): Promise<AuthProfileRunResult<T>>
  run<T>(
    params: FailoverCallOptions & { run: (context: FailoverAttemptContext) => T | PromiseLike<T> },
  ): Promise<AuthProfileRunResult<T>>
  /**
   * One turn of the loop taken apart. Rejects as `run` does.
   *
   * ```js
   * using lease = await accounts.lease({ sessionKey })
   * ```
   */
  lease(params?: FailoverCallOptions | null): Promise<AuthProfileLease>
  /** Where each of the handle's accounts stands, as `describeAuthProfiles`. */
  describe(params?: { model?: string | null } | null): Promise<AuthProfilesDescription>
  /** Tells every change of their state, as `watchAuthProfiles`. It ends with `close()`, too. */
  watch(params: Omit<WatchAuthProfilesParams, 'agentDir'>): Promise<AuthProfilesWatch>
  /** Ends every rest of an account and resets its counters. */
  clear(profileId: string): Promise<EditResult>
  /**
   * Lets an account rest without counting a failure: before maintenance, or when a quota is known to be spent.
   *
   * ```js
   * await accounts.rest('openai:work', { forMs: 3_600_000, reason: 'maintenance' })
   * ```
   */
  rest(profileId: string, params: FailoverRestParams): Promise<EditResult>
  /** Leaves an account alone until `resume`, for every program and restart; as `pauseAuthProfile`. */
  pause(profileId: string): Promise<EditResult>
  /** Ends what `pause` began. */
  resume(profileId: string): Promise<EditResult>
  /** As the function of this name. */
  settled(): Promise<{ unwritten: number }>
  /** Ends the handle's watches, and resolves when its bookings are written. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * One object for everything that a program does with its accounts of one provider.
 *
 * The accounts are given in line (`profiles`: keys from the environment, from functions, from a secret manager; nothing
 * secret is ever written), or live in a store (`agentDir`; default: the host's, else `AUTH_FAILOVER_DIR`). Cheap: it reads
 * no file until it is used, and keeps no process alive.
 *
 * ```js
 * import { createFailover, fromEnv } from 'auth-failover'
 * const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') })
 * const { result } = await accounts.run(({ apiKey, signal }) => ask(apiKey, { signal }))
 * ```
 *
 * Throws `ERR_INVALID_ARGUMENT` (a `TypeError` that names the field) for options that cannot be used.
 */
export declare function createFailover(options: FailoverOptions): Failover
