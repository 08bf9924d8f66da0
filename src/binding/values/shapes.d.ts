// The hosts' documents, which are read as they come, and the errors, which are built from Rust's (`js_error.rs`): no Rust
// struct reads or builds these. `scripts/build.mjs` puts them into `index.d.ts`.

/**
 * One account of one provider. The credential's other fields (`key`, `token`, `access`, `refresh`, …) are the
 * host's; this package never reads them but to see whether the profile can be used.
 */
export interface AuthProfileCredential {
  /** `api_key`, `oauth` or `token`; profiles of other types are kept in the file and otherwise ignored. */
  type: 'api_key' | 'oauth' | 'token' | (string & {})
  /** Provider id, for example `google-gemini-cli`. */
  provider: string
}

/** An API key. */
export interface ApiKeyCredential {
  type: 'api_key'
  /** Provider id, for example `anthropic`. */
  provider?: string | null
  key?: string | null
  /** Where the key is, if not here; see `resolveSecret`. */
  keyRef?: string | Record<string, unknown> | null
  /** It is called `key`. */
  apiKey?: never
  // An index of `any` takes interfaces too; one of `unknown` would refuse them.
  [field: string]: any
}

/** A token without a refresh: a setup token, a session. */
export interface TokenCredential {
  type: 'token'
  provider?: string | null
  token?: string | null
  tokenRef?: string | Record<string, unknown> | null
  /** `Date.now()` milliseconds. */
  expires?: number | null
  /** It is called `token`. */
  apiKey?: never
  [field: string]: any
}

/** A login. */
export interface OAuthCredential {
  type: 'oauth'
  provider?: string | null
  access?: string | null
  refresh?: string | null
  /** `Date.now()` milliseconds. */
  expires?: number | null
  oauthRef?: string | Record<string, unknown> | null
  /** It is called `access`. */
  apiKey?: never
  [field: string]: any
}

/** A credential that can be asked with, as stores have them, told apart by `type`. */
export type StoredCredential = ApiKeyCredential | TokenCredential | OAuthCredential

/** What happened to one profile so far. Times are `Date.now()` milliseconds. */
export interface ProfileUsageStats {
  lastUsed?: number
  /** End of the cooldown after failures; the profile is usable again at this very moment. */
  cooldownUntil?: number
  /** End of the longer rest after a billing failure. */
  disabledUntil?: number
  disabledReason?: string
  /** Why it cools. Written where the caller states more than old hosts do, or with `policy: 'safe'`. */
  cooldownReason?: string
  /** The only model it cools for; absent means every model. */
  cooldownModel?: string
  /** Failures since the last success. */
  errorCount?: number
  failureCounts?: { [reason: string]: number | undefined }
  lastFailureAt?: number
  /** What only this package writes; hosts ignore it. */
  failover?: ProfileFailoverStats
}

/** Windows that hosts have no field for. */
export interface ProfileFailoverStats {
  /** Where the end of the account's cooldown was stated, for example `retry-info`. */
  source?: string
  /** Windows of single models, by model id. */
  models?: { [model: string]: ProfileModelWindow }
  /**
   * Refusals in a row for a used-up quota without a stated wait, by model id; `*` is the account. With
   * `policy: 'safe'` they rest 5, 15, then 60 minutes.
   */
  quotaSteps?: { [model: string]: number }
  /**
   * Tells the credential that was refused last from another; a profile with another one does not rest for it. No
   * secret: 32 bits of a hash.
   */
  refused?: string
}

/** The window of one model. */
export interface ProfileModelWindow {
  /** `Date.now()` milliseconds. */
  until: number
  reason: string
  /** Where the end was stated; absent for a generic back-off. */
  source?: string
}

/** The content of `auth-profiles.json` as the host's loader gives it. */
export interface AuthProfileStore {
  version: number
  /** By profile id, for example `google-gemini-cli:me@example.com`. */
  profiles: Record<string, AuthProfileCredential>
  /** Preferred order of profile ids, by provider. */
  order?: Record<string, Array<string>>
  /** The profile that last answered, by provider. */
  lastGood?: Record<string, string>
  /** By profile id. */
  usageStats?: Record<string, ProfileUsageStats>
}

/**
 * The part of the host's configuration that these functions read. Hours that are not positive finite numbers
 * fall back to the default.
 */
export interface AuthCooldownConfig {
  /** Rest after the first billing failure, doubled with each further one. Default 5. */
  billingBackoffHours?: number
  /** The same for single providers. */
  billingBackoffHoursByProvider?: { [provider: string]: number }
  /** Longest rest after billing failures. Default 24. */
  billingMaxHours?: number
  /** Counters start over when the last failure is older than this. Default 24. */
  failureWindowHours?: number
}

/** A profile as the host's configuration lists it. */
export interface AuthProfileConfig {
  provider: string
  /** `api_key`, `oauth` or `token`; `oauth` also admits `token` credentials. */
  mode: 'api_key' | 'oauth' | 'token' | (string & {})
}

/** `cfg.auth` of the host. */
export interface AuthConfig {
  cooldowns?: AuthCooldownConfig
  /** Order of profile ids by provider; the store's own `order` beats it. */
  order?: { [provider: string]: string[] }
  /** Profiles by id; without an order, only these are used for their provider. */
  profiles?: { [profileId: string]: AuthProfileConfig }
}

/** The host's configuration. */
export interface AuthFailoverHostConfig {
  auth?: AuthConfig
}

/** Something that was passed cannot be used. A `TypeError`; nothing was read, sent or written. */
export interface InvalidArgumentError extends Error {
  code: 'ERR_INVALID_ARGUMENT'
  /** Where it stands, for example `store` or `options.retry`. */
  field: string
}

/** The store's lock stayed with somebody else for the whole wait. */
export interface LockTimeoutError extends Error {
  code: 'ERR_LOCK_TIMEOUT'
  /** The lock. */
  path: string
  /** Who has it, as far as that can be told. */
  holder: string
  lockAgeMs: number | null
  waitedMs: number
}

/** The store cannot be read, written or watched. It is as it was. */
export interface StoreError extends Error {
  code:
    | 'ERR_STORE_MISSING'
    | 'ERR_STORE_UNREADABLE'
    | 'ERR_STORE_MIGRATED'
    | 'ERR_STORE_READ_ONLY'
    | 'ERR_STORE_NO_SPACE'
    | 'ERR_STORE_BUSY'
    | 'ERR_STORE_IO'
    | 'ERR_WATCH_LIMIT'
  /** The file. */
  path: string
  /** The system's number for the fault (`ERR_STORE_IO`). */
  errno?: number | null
}

/** A wait that the caller bounded is over, outside a request. */
export interface WaitTimeoutError extends Error {
  name: 'TimeoutError'
  code: 'ERR_TIMEOUT'
  /** The option that bounded it. */
  limit: 'timeoutMs' | 'firstByteTimeoutMs' | 'idleTimeoutMs'
}

/** `requestGeminiCli` did not get a whole answer. */
export interface GeminiCliRequestError extends Error {
  code:
    | 'ERR_RATE_LIMITED'
    | 'ERR_OVERLOADED'
    | 'ERR_BILLING'
    | 'ERR_AUTH'
    | 'ERR_ACCOUNT_REFUSED'
    | 'ERR_BAD_REQUEST'
    | 'ERR_MODEL_NOT_FOUND'
    | 'ERR_TIMEOUT'
    | 'ERR_NETWORK'
    | 'ERR_TRUNCATED'
    | 'ERR_EMPTY_RESPONSE'
    | 'ERR_ABORTED'
    | 'ERR_REQUEST_FAILED'
  /** What went wrong, and when to come back. */
  failure: GeminiCliFailure
  /** The message as far as it came. */
  partial: GeminiCliMessage
}

/** What every error of the loop can do for a program that answers HTTP. */
export interface LoopError extends Error {
  /** The HTTP status that says it: 429 where waiting helps, 401, 402, 403, 502, 503, 504. */
  status: number
  /**
   * A response with that status, a JSON body that names no account, `retry-after`, `retry-after-ms` and
   * `x-should-retry: false`.
   *
   * ```js
   * catch (error) { return error.toResponse?.() ?? Response.json({ error: 'internal' }, { status: 500 }) }
   * ```
   */
  toResponse(): Response
}

/** `runWithAuthProfiles` has nobody left to ask. */
export interface NoProfileAvailableError extends LoopError {
  code: 'ERR_NO_PROFILE_AVAILABLE'
  provider: string
  model: string | null
  /** Who is free first; `null` if time will not help. */
  nextProfileId: string | null
  /** When that is, in `Date.now()` milliseconds. */
  freeAt: number | null
  /** Milliseconds until then; a little longer, so that callers do not come back in one burst. */
  retryAfterMs: number | null
  /** Every attempt of the run. */
  attempts: AuthProfileAttempt[]
  /** The last one; `null` if nothing was asked. */
  failure: Failure | null
  /** What the last attempt threw or returned. */
  cause?: unknown
}

/**
 * The provider's server, or the way to it, fails whichever profile asks. No profile rests for that; the provider does, for
 * seconds.
 */
export interface ProviderUnavailableError extends LoopError {
  code: 'ERR_PROVIDER_UNAVAILABLE'
  provider: string
  model: string | null
  /** Milliseconds until it is asked again; a little longer, so that callers do not come back in one burst. */
  retryAfterMs: number
  /** Every attempt of the run; none if it had failed for others just before. */
  attempts: AuthProfileAttempt[]
  /** The last one; `null` if nothing was asked. */
  failure: Failure | null
  /** What the last attempt threw or returned. */
  cause?: unknown
}

/** Every profile refused the request in the same way: the request is at fault, and no profile cools. */
export interface RequestRefusedError extends LoopError {
  code: 'ERR_REQUEST_REFUSED'
  provider: string
  /** For how long it is not sent again. */
  retryAfterMs: number
  /** Every attempt of the run. */
  attempts: AuthProfileAttempt[]
  /** The last one; `null` if nothing was asked. */
  failure: Failure | null
}

/** `run` returned a failure that another account would not help with: a message that ended in an error, or a `Response`. */
export interface AttemptFailedError extends LoopError {
  code: 'ERR_ATTEMPT_FAILED'
  /** The wait that the server stated; `null` if it stated none. */
  retryAfterMs?: number | null
  /** What it returned. */
  result: unknown
  profileId: string
  /** Every attempt of the run. */
  attempts: AuthProfileAttempt[]
  /** The last one; `null` if nothing was asked. */
  failure: Failure | null
}

/**
 * A profile of the store names its secret by reference, and the attempt had no secret: `resolveSecret` failed, took too
 * long or gave no text, or nobody looked it up. The account rests for seconds, and the next one is asked.
 */
export interface SecretUnresolvedError extends Error {
  code: 'ERR_SECRET_UNRESOLVED'
  profileId: string
  /** The field and what it names, for example `keyRef env:default:MY_KEY`. */
  reference: string
  /** What `resolveSecret` or `run` threw, or what `run` returned. */
  cause?: unknown
}

/** An OAuth login could not be renewed. The text holds no token. */
export interface RefreshFailedError extends Error {
  code: 'ERR_REFRESH_FAILED'
  /** `null` where whoever called did not say. */
  profileId: string | null
  /** The login is over: nothing but a new one helps. Else another try may succeed. */
  needsLogin: boolean
  failure: Failure
  /** What `refresh` threw. */
  cause?: unknown
}

/** A fault of ours. The text names the place. */
export interface InternalError extends Error {
  code: 'ERR_INTERNAL'
}

/**
 * Every error that this package makes, told apart by `code`. What a caller's own function throws, and the reason of a
 * caller's signal, come out as they are.
 *
 * ```ts
 * try { … } catch (error) {
 *   const known = error as AuthFailoverError
 *   if (known.code === 'ERR_LOCK_TIMEOUT') console.warn(`${known.holder} has the lock since ${known.lockAgeMs} ms`)
 * }
 * ```
 */
export type AuthFailoverError =
  | InvalidArgumentError
  | LockTimeoutError
  | StoreError
  | WaitTimeoutError
  | GeminiCliRequestError
  | NoProfileAvailableError
  | ProviderUnavailableError
  | RequestRefusedError
  | AttemptFailedError
  | SecretUnresolvedError
  | RefreshFailedError
  | InternalError
