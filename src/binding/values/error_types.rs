//! The shapes of thrown errors as TypeScript sees them. `error` and `stream::errors` build them.

#![expect(dead_code, reason = "shapes for index.d.ts; errors are built field by field")]

use napi::bindgen_prelude::Either10;
use napi_derive::napi;

/// The `code` of every error of this package, and of a mark's result.
///
/// - `ERR_INVALID_ARGUMENT`: a `TypeError`; `field` names what is wrong, and nothing was done.
/// - `ERR_LOCK_TIMEOUT`: the store's lock stayed taken.
/// - `ERR_STORE_MISSING`: there is no `auth-profiles.json`. `ERR_STORE_UNREADABLE`: the file is not a store; it was left
///   untouched. `ERR_STORE_MIGRATED`: a newer host keeps its profiles in a database.
/// - `ERR_STORE_READ_ONLY`, `ERR_STORE_NO_SPACE`, `ERR_STORE_BUSY`, `ERR_STORE_IO`: the disk, and why.
/// - `ERR_WATCH_LIMIT`: the system's limit of watched files is reached.
/// - `ERR_TIMEOUT`: a wait that the caller bounded is over.
/// - `ERR_NO_PROFILE_AVAILABLE`, `ERR_REQUEST_REFUSED`, `ERR_ATTEMPT_FAILED`: how `runWithAuthProfiles` ends.
///   `ERR_SECRET_UNRESOLVED`: what one of its attempts ended in.
/// - `ERR_RATE_LIMITED`, `ERR_OVERLOADED`, `ERR_BILLING`, `ERR_AUTH`, `ERR_ACCOUNT_REFUSED`, `ERR_BAD_REQUEST`,
///   `ERR_MODEL_NOT_FOUND`, `ERR_NETWORK`, `ERR_TRUNCATED`, `ERR_EMPTY_RESPONSE`, `ERR_ABORTED`, `ERR_REQUEST_FAILED`: how
///   a request ends; `failure` says more.
/// - `ERR_INTERNAL`: a fault of ours.
#[napi(string_enum)]
#[derive(Debug)]
pub enum AuthFailoverErrorCode {
    #[napi(value = "ERR_INVALID_ARGUMENT")]
    InvalidArgument,
    #[napi(value = "ERR_LOCK_TIMEOUT")]
    LockTimeout,
    #[napi(value = "ERR_STORE_MISSING")]
    StoreMissing,
    #[napi(value = "ERR_STORE_UNREADABLE")]
    StoreUnreadable,
    #[napi(value = "ERR_STORE_MIGRATED")]
    StoreMigrated,
    #[napi(value = "ERR_STORE_READ_ONLY")]
    StoreReadOnly,
    #[napi(value = "ERR_STORE_NO_SPACE")]
    StoreNoSpace,
    #[napi(value = "ERR_STORE_BUSY")]
    StoreBusy,
    #[napi(value = "ERR_STORE_IO")]
    StoreIo,
    #[napi(value = "ERR_WATCH_LIMIT")]
    WatchLimit,
    #[napi(value = "ERR_TIMEOUT")]
    Timeout,
    #[napi(value = "ERR_NO_PROFILE_AVAILABLE")]
    NoProfileAvailable,
    #[napi(value = "ERR_REQUEST_REFUSED")]
    RequestRefused,
    #[napi(value = "ERR_ATTEMPT_FAILED")]
    AttemptFailed,
    #[napi(value = "ERR_SECRET_UNRESOLVED")]
    SecretUnresolved,
    #[napi(value = "ERR_RATE_LIMITED")]
    RateLimited,
    #[napi(value = "ERR_OVERLOADED")]
    Overloaded,
    #[napi(value = "ERR_BILLING")]
    Billing,
    #[napi(value = "ERR_AUTH")]
    Auth,
    #[napi(value = "ERR_ACCOUNT_REFUSED")]
    AccountRefused,
    #[napi(value = "ERR_BAD_REQUEST")]
    BadRequest,
    #[napi(value = "ERR_MODEL_NOT_FOUND")]
    ModelNotFound,
    #[napi(value = "ERR_NETWORK")]
    Network,
    #[napi(value = "ERR_TRUNCATED")]
    Truncated,
    #[napi(value = "ERR_EMPTY_RESPONSE")]
    EmptyResponse,
    #[napi(value = "ERR_ABORTED")]
    Aborted,
    #[napi(value = "ERR_REQUEST_FAILED")]
    RequestFailed,
    #[napi(value = "ERR_INTERNAL")]
    Internal,
}

/// Something that was passed cannot be used. A `TypeError`; nothing was read, sent or written.
#[napi(object, object_to_js = false)]
pub struct InvalidArgumentError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_INVALID_ARGUMENT'")]
    pub code: String,
    /// Where it stands, for example `store` or `options.retry`.
    pub field: String,
}

/// The store's lock stayed with somebody else for the whole wait.
#[napi(object, object_to_js = false)]
pub struct LockTimeoutError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_LOCK_TIMEOUT'")]
    pub code: String,
    /// The lock.
    pub path: String,
    /// Who has it, as far as that can be told.
    pub holder: String,
    #[napi(ts_type = "number | null")]
    pub lock_age_ms: String,
    #[napi(ts_type = "number")]
    pub waited_ms: String,
}

/// The store cannot be read, written or watched. It is as it was.
#[napi(object, object_to_js = false)]
pub struct StoreError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(
        ts_type = "'ERR_STORE_MISSING' | 'ERR_STORE_UNREADABLE' | 'ERR_STORE_MIGRATED' | 'ERR_STORE_READ_ONLY' | 'ERR_STORE_NO_SPACE' | 'ERR_STORE_BUSY' | 'ERR_STORE_IO' | 'ERR_WATCH_LIMIT'"
    )]
    pub code: String,
    /// The file.
    pub path: String,
    /// The system's number for the fault (`ERR_STORE_IO`).
    #[napi(ts_type = "number | null")]
    pub errno: Option<String>,
}

/// A wait that the caller bounded is over, outside a request.
#[napi(object, object_to_js = false)]
pub struct WaitTimeoutError {
    #[napi(ts_type = "'TimeoutError'")]
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_TIMEOUT'")]
    pub code: String,
    /// The option that bounded it.
    #[napi(ts_type = "'timeoutMs' | 'firstByteTimeoutMs' | 'idleTimeoutMs'")]
    pub limit: String,
}

/// `requestGeminiCli` did not get a whole answer.
#[napi(object, object_to_js = false)]
pub struct GeminiCliRequestError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(
        ts_type = "'ERR_RATE_LIMITED' | 'ERR_OVERLOADED' | 'ERR_BILLING' | 'ERR_AUTH' | 'ERR_ACCOUNT_REFUSED' | 'ERR_BAD_REQUEST' | 'ERR_MODEL_NOT_FOUND' | 'ERR_TIMEOUT' | 'ERR_NETWORK' | 'ERR_TRUNCATED' | 'ERR_EMPTY_RESPONSE' | 'ERR_ABORTED' | 'ERR_REQUEST_FAILED'"
    )]
    pub code: String,
    /// What went wrong, and when to come back.
    #[napi(ts_type = "GeminiCliFailure")]
    pub failure: String,
    /// The message as far as it came.
    #[napi(ts_type = "GeminiCliMessage")]
    pub partial: String,
}

/// `runWithAuthProfiles` has nobody left to ask.
#[napi(object, object_to_js = false)]
pub struct NoProfileAvailableError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_NO_PROFILE_AVAILABLE'")]
    pub code: String,
    pub provider: String,
    #[napi(ts_type = "string | null")]
    pub model: String,
    /// Who is free first; `null` if time will not help.
    #[napi(ts_type = "string | null")]
    pub next_profile_id: String,
    /// When that is, in `Date.now()` milliseconds.
    #[napi(ts_type = "number | null")]
    pub free_at: String,
    /// Milliseconds until then; a little longer, so that callers do not come back in one burst.
    #[napi(ts_type = "number | null")]
    pub retry_after_ms: String,
    /// Every attempt of the run.
    #[napi(ts_type = "AuthProfileAttempt[]")]
    pub attempts: String,
    /// The last one; `null` if nothing was asked.
    #[napi(ts_type = "Failure | null")]
    pub failure: String,
    /// What the last attempt threw or returned.
    #[napi(ts_type = "unknown")]
    pub cause: Option<String>,
}

/// Every profile refused the request in the same way: the request is at fault, and no profile cools.
#[napi(object, object_to_js = false)]
pub struct RequestRefusedError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_REQUEST_REFUSED'")]
    pub code: String,
    pub provider: String,
    /// For how long it is not sent again.
    #[napi(ts_type = "number")]
    pub retry_after_ms: String,
    /// Every attempt of the run.
    #[napi(ts_type = "AuthProfileAttempt[]")]
    pub attempts: String,
    /// The last one; `null` if nothing was asked.
    #[napi(ts_type = "Failure | null")]
    pub failure: String,
}

/// `run` returned a failure that another account would not help with: a message that ended in an error, or a `Response`.
#[napi(object, object_to_js = false)]
pub struct AttemptFailedError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_ATTEMPT_FAILED'")]
    pub code: String,
    /// What it returned.
    #[napi(ts_type = "unknown")]
    pub result: String,
    pub profile_id: String,
    /// Every attempt of the run.
    #[napi(ts_type = "AuthProfileAttempt[]")]
    pub attempts: String,
    /// The last one; `null` if nothing was asked.
    #[napi(ts_type = "Failure | null")]
    pub failure: String,
}

/// A profile of the store names its secret by reference, and the attempt had no secret: `resolveSecret` failed, took too
/// long or gave no text, or nobody looked it up. The account rests for seconds, and the next one is asked.
#[napi(object, object_to_js = false)]
pub struct SecretUnresolvedError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_SECRET_UNRESOLVED'")]
    pub code: String,
    pub profile_id: String,
    /// The field and what it names, for example `keyRef env:default:MY_KEY`.
    pub reference: String,
    /// What `resolveSecret` or `run` threw, or what `run` returned.
    #[napi(ts_type = "unknown")]
    pub cause: Option<String>,
}

/// A fault of ours. The text names the place.
#[napi(object, object_to_js = false)]
pub struct InternalError {
    pub name: String,
    pub message: String,
    pub stack: Option<String>,
    #[napi(ts_type = "'ERR_INTERNAL'")]
    pub code: String,
}

/// Every error that this package makes, told apart by `code`. What a caller's own function throws, and the reason of a
/// caller's signal, come out as they are.
///
/// ```ts
/// try { … } catch (error) {
///   const known = error as AuthFailoverError
///   if (known.code === 'ERR_LOCK_TIMEOUT') console.warn(`${known.holder} has the lock since ${known.lockAgeMs} ms`)
/// }
/// ```
#[napi]
pub type AuthFailoverError = Either10<
    InvalidArgumentError,
    LockTimeoutError,
    StoreError,
    WaitTimeoutError,
    GeminiCliRequestError,
    NoProfileAvailableError,
    RequestRefusedError,
    AttemptFailedError,
    SecretUnresolvedError,
    InternalError,
>;
