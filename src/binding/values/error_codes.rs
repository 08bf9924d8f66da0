//! The codes of errors as TypeScript sees them: those of [`Error`](crate::error::Error) and those of a request that failed.

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
/// - `ERR_NO_PROFILE_AVAILABLE`, `ERR_PROVIDER_UNAVAILABLE`, `ERR_REQUEST_REFUSED`, `ERR_ATTEMPT_FAILED`: how
///   `runWithAuthProfiles` ends. `ERR_SECRET_UNRESOLVED`: what one of its attempts ended in.
/// - `ERR_REFRESH_FAILED`: an OAuth login could not be renewed.
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
    #[napi(value = "ERR_PROVIDER_UNAVAILABLE")]
    ProviderUnavailable,
    #[napi(value = "ERR_REQUEST_REFUSED")]
    RequestRefused,
    #[napi(value = "ERR_ATTEMPT_FAILED")]
    AttemptFailed,
    #[napi(value = "ERR_SECRET_UNRESOLVED")]
    SecretUnresolved,
    #[napi(value = "ERR_REFRESH_FAILED")]
    RefreshFailed,
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
