//! What marks take and tell.

use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::binding::values::params::{Lenient, params};
use crate::failure::{Class, Scope, Trust};

/// What every mark takes.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MarkAuthProfileParams<'env> {
    /// The caller's store. It is never written to disk; afterwards `usageStats` (or `lastGood`) is brought up to
    /// date with the file, other processes' marks included.
    #[napi(ts_type = "AuthProfileStore")]
    pub store: Object<'env>,
    pub profile_id: String,
    /// The agent's directory; `~` is the home directory. Default: the main agent's, from `OPENCLAW_AGENT_DIR`,
    /// `CLAWDBOT_AGENT_DIR`, `PI_CODING_AGENT_DIR` or the state directory.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
}
params!(MarkAuthProfileParams<'env> { store, profile_id, agent_dir });

/// Whose success or failure it is.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MarkProviderParams {
    /// The provider that answered, for example `google-gemini-cli`.
    pub provider: String,
}
params!(MarkProviderParams { provider });

/// What may be known of a success.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MarkSuccessParams {
    /// When the request began (`Date.now()`). A success whose request began before the latest failure does not erase
    /// that failure's cooldown; the result then says `cooldownKept`.
    #[napi(ts_type = "number | null")]
    pub started_at: Option<f64>,
    /// The model that answered; cooldowns of other models stay. Default: all cooldowns go.
    #[napi(ts_type = "string | null")]
    pub model_id: Option<String>,
}
params!(MarkSuccessParams { started_at, model_id });

/// What a failure was. One of `reason` and `failure` must be given.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MarkFailureParams<'env> {
    /// The host's reason; `billing` disables the profile for hours instead of cooling it for minutes. Others than the
    /// known ones are kept as they are and cool. Default: the one that `failure.class` suggests.
    #[napi(ts_type = "AuthProfileFailureReason | (string & {}) | null")]
    pub reason: Option<String>,
    /// The host's configuration; `auth.cooldowns` is read.
    #[napi(ts_type = "AuthFailoverHostConfig | null")]
    pub cfg: Option<Object<'env>>,
}
params!(MarkFailureParams<'env> { reason, cfg });

/// What a mark reads of a failure. A `Failure` fits, and so does a stream's `failure`.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct BookableFailure {
    /// Decides whether and how the profile rests.
    #[napi(ts_type = "FailureClass | (string & {})")]
    pub class: Class,
    /// Decides for how much: the account, or one model.
    #[napi(ts_type = "FailureScope | (string & {}) | null")]
    pub scope: Option<Lenient<Scope>>,
    /// The server's wait in milliseconds.
    #[napi(ts_type = "number | null")]
    pub retry_after_ms: Option<Lenient<f64>>,
    /// The same as `Date.now()` milliseconds.
    #[napi(ts_type = "number | null")]
    pub reset_at: Option<Lenient<f64>>,
    /// Where the wait was found.
    #[napi(ts_type = "HintSource | (string & {}) | null")]
    pub source: Option<Lenient<String>>,
    /// How far the wait can be believed. With `policy: 'safe'` a `capped` one does not shorten a rest for money or
    /// credentials.
    #[napi(ts_type = "HintTrust | (string & {}) | null")]
    pub trust: Option<Lenient<Trust>>,
    /// The rule that decided. With `policy: 'safe'` a `concurrency` rests for seconds.
    #[napi(ts_type = "string | null")]
    pub rule: Option<Lenient<String>>,
    /// The model that rests, where only one does.
    #[napi(ts_type = "string | null")]
    pub model: Option<Lenient<String>>,
    /// An answer that had begun says nothing against the account.
    #[napi(ts_type = "number | null")]
    pub events_delivered: Option<Lenient<f64>>,
}
params!(BookableFailure {
    class,
    scope,
    retry_after_ms,
    reset_at,
    source,
    trust,
    rule,
    model,
    events_delivered
});

/// Why hosts let a profile rest.
///
/// - `rate_limit`, `unknown`: it cools for minutes. `overloaded`, `timeout`: so it does; with `policy: 'safe'` it does not,
///   for the service failed and not the account.
/// - `billing`: it is disabled for hours. `auth_permanent`: with `policy: 'safe'` too, else it cools.
/// - `auth`: it cools; the credential should be refreshed.
/// - `format`, `model_not_found`: the request is at fault; `policy: 'safe'` cools nothing for `format`.
#[napi(string_enum = "snake_case")]
#[derive(Debug)]
pub enum AuthProfileFailureReason {
    RateLimit,
    Overloaded,
    Timeout,
    Billing,
    Auth,
    AuthPermanent,
    Format,
    ModelNotFound,
    Unknown,
}

/// What may be known of a failure besides its reason.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct MarkWaitParams {
    /// A record of `classifyFailure`, or the `failure` of a stream's error message. Its class decides whether and how
    /// the profile rests, its scope for how much, its wait for how long.
    #[napi(ts_type = "BookableFailure | null")]
    pub failure: Option<BookableFailure>,
    /// How long the server says to wait, in milliseconds; 0 is now. Beats `failure` and `resetAt`; at most 35 days.
    #[napi(ts_type = "number | null")]
    pub retry_after_ms: Option<f64>,
    /// When the server says to come back (`Date.now()` milliseconds).
    #[napi(ts_type = "number | null")]
    pub reset_at: Option<f64>,
    /// The model that was asked for. Failures that concern one model then rest that model only.
    #[napi(ts_type = "string | null")]
    pub model_id: Option<String>,
    /// When the failed request began (`Date.now()`); with `policy: 'safe'` it tells a burst from a new failure.
    #[napi(ts_type = "number | null")]
    pub started_at: Option<f64>,
}
params!(MarkWaitParams { failure, retry_after_ms, reset_at, model_id, started_at });

/// What became of a mark.
#[napi(object, object_from_js = false)]
pub struct MarkResult {
    /// The mark is in the file. `false` if there was nothing to write or it could not be written; see `reason`.
    pub persisted: bool,
    /// The file was changed by this mark.
    pub changed: bool,
    /// Why nothing was written. Nothing to do: `unknown-profile`, `provider-mismatch`, `nothing-to-clear`,
    /// `nothing-to-book` (a caller's abort). Not possible, and kept only in the `store` object that was passed:
    /// `missing` (no store file), `lock-timeout`, `unreadable`, `migrated`, `read-only`, `no-space`, `busy`, `io`,
    /// `internal`.
    #[napi(
        ts_type = "'unknown-profile' | 'provider-mismatch' | 'nothing-to-clear' | 'nothing-to-book' | 'missing' | 'lock-timeout' | 'unreadable' | 'migrated' | 'read-only' | 'no-space' | 'busy' | 'io' | 'internal'"
    )]
    pub reason: Option<String>,
    /// The error's code when the mark could not be written, for example `ERR_LOCK_TIMEOUT`.
    #[napi(ts_type = "AuthFailoverErrorCode")]
    pub code: Option<String>,
    /// `true` if a success left a newer cooldown in place (`startedAt`).
    #[napi(ts_type = "true")]
    pub cooldown_kept: Option<bool>,
}
