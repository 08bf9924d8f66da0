//! The types of `failure`'s exports, as TypeScript sees them. The evidence types only describe: what a caller passes is
//! read field by field, in `evidence`.

use napi_derive::napi;

use crate::failure::{Class, Failure, Hint, HostReason, Scope, Trust};

/// What kind of failure it is.
///
/// - `rate_limit`: too much in a short time. `quota`: an allowance is used up until it resets.
/// - `capacity`: the model has no room, whoever asks; another model helps. `overloaded`: the server has a bad time.
/// - `billing`: no money or credits. `no_license`: the plan does not cover it.
/// - `auth`: the credential was refused; refresh it once. `auth_permanent`: refreshing does not help.
/// - `verification_required`: the account's owner must act; see `url`. `account_disabled`: the account is closed.
/// - `unsupported_client`: this program may not use the account.
/// - `format`: the request itself is wrong; no account helps. `model_not_found`: another model.
/// - `timeout`, `aborted`, `network`: no answer, and why. `truncated`, `empty`: an answer that is none.
#[napi(string_enum = "snake_case")]
#[derive(Debug)]
pub enum FailureClass {
    RateLimit,
    Quota,
    Capacity,
    Overloaded,
    Billing,
    Auth,
    AuthPermanent,
    VerificationRequired,
    AccountDisabled,
    UnsupportedClient,
    NoLicense,
    Format,
    ModelNotFound,
    Timeout,
    Aborted,
    Network,
    Truncated,
    Empty,
    Unknown,
}

/// Whom a failure concerns: the account with this `model`, with a `pool` of models that share a quota, or with all
/// of them (`account`); the server whoever asks (`endpoint`); the `request` whoever sends it.
#[napi(string_enum = "snake_case")]
#[derive(Debug)]
pub enum FailureScope {
    Model,
    Pool,
    Account,
    Endpoint,
    Request,
}

/// `server`: the wait is as stated. `capped`: it was shortened to five minutes, because nothing but the number
/// supports so long a wait.
#[napi(string_enum = "snake_case")]
#[derive(Debug)]
pub enum HintTrust {
    Server,
    Capped,
}

/// Where a wait was found.
///
/// - `retry-info`, `quota-reset-delay`, `quota-reset-timestamp`: Google's error details.
/// - `body:retry-after`, `body:resets-at`: a field of the body. `header:…`: the header of this name.
/// - `message`: a duration in the error's text. `message-time`: a moment in it; `message-time-no-zone`: one without a zone.
/// - `given`: the failure was classified before, and its record named no source that is known.
#[napi(string_enum = "kebab-case")]
#[derive(Debug)]
pub enum HintSource {
    RetryInfo,
    QuotaResetDelay,
    QuotaResetTimestamp,
    Message,
    MessageTime,
    MessageTimeNoZone,
    Given,
    #[napi(value = "body:retry-after")]
    BodyRetryAfter,
    #[napi(value = "body:resets-at")]
    BodyResetsAt,
    #[napi(value = "header:retry-after")]
    RetryAfter,
    #[napi(value = "header:retry-after-ms")]
    RetryAfterMs,
    #[napi(value = "header:x-ms-retry-after-ms")]
    XMsRetryAfterMs,
    #[napi(value = "header:ratelimit-reset")]
    RatelimitReset,
    #[napi(value = "header:x-ratelimit-reset")]
    XRatelimitReset,
    #[napi(value = "header:x-ratelimit-reset-ms")]
    XRatelimitResetMs,
    #[napi(value = "header:x-ratelimit-reset-after")]
    XRatelimitResetAfter,
    #[napi(value = "header:anthropic-ratelimit-reset")]
    AnthropicRatelimitReset,
    #[napi(value = "header:x-codex-reset")]
    XCodexReset,
}

/// Why the host would move to the next profile.
#[napi(string_enum = "snake_case")]
#[derive(Debug)]
pub enum FailoverReason {
    RateLimit,
    Format,
    Billing,
    Timeout,
    Auth,
}

/// What a failure means. Absent values are `null`.
#[napi(object, object_from_js = false, use_nullable = true, js_name = "Failure")]
#[derive(Debug)]
pub struct FailureRecord {
    pub class: FailureClass,
    pub scope: FailureScope,
    /// Whether another account could answer the same request.
    pub rotate: bool,
    /// Milliseconds until the server expects the next attempt. 0 is "now"; `null` is "not stated".
    pub retry_after_ms: Option<f64>,
    /// The same as wall-clock milliseconds since the epoch.
    pub reset_at: Option<f64>,
    /// Where the wait was found, for example `retry-info`, `message` or `header:retry-after`.
    #[napi(ts_type = "HintSource | null")]
    pub source: Option<&'static str>,
    pub trust: Option<HintTrust>,
    /// The rule that decided, for logs and tests.
    pub rule: &'static str,
    /// The HTTP status of the response, or the one that the error body names.
    pub status: Option<u16>,
    /// The server's own reason code, for example `QUOTA_EXHAUSTED`, or the code of a thrown error.
    pub reason: Option<String>,
    /// The model that the server names, else the one that was asked for.
    pub model: Option<String>,
    /// The limit that was hit, for example `GenerateRequestsPerDayPerProjectPerModel`.
    pub quota_id: Option<String>,
    /// The id to quote to the service's support.
    pub trace_id: Option<String>,
    /// Where the account's owner must go (`verification_required`). Not redacted: it may admit to the account.
    pub url: Option<String>,
    /// The server's words: credentials replaced, without control characters, at most 2,000 characters.
    pub text: String,
}

/// When to come back, as the server states it.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct RetryHint {
    /// Milliseconds until the next attempt; 0 is "now".
    pub retry_after_ms: f64,
    /// The same as wall-clock milliseconds since the epoch.
    pub reset_at: f64,
    /// Where it was found, for example `retry-info`, `message` or `header:retry-after`.
    #[napi(ts_type = "HintSource")]
    pub source: &'static str,
    pub trust: HintTrust,
}

/// What is known about a failure. Every field may be absent or `null`.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
#[expect(dead_code, reason = "a shape for index.d.ts")]
pub struct FailureEvidence {
    /// The response's HTTP status.
    #[napi(ts_type = "number | null")]
    pub status: Option<f64>,
    /// The response's headers: a `Headers` object, a `Map`, a list of pairs or a plain record, names in any case.
    #[napi(
        ts_type = "Headers | Record<string, string | string[] | number | null | undefined> | Iterable<readonly [string, string]> | null"
    )]
    pub headers: Option<String>,
    /// The response's body in whatever container it came: text, bytes, or data that was parsed before.
    #[napi(ts_type = "string | Uint8Array | ArrayBuffer | object | null")]
    pub body: Option<String>,
    /// An error text, where there is one beside or instead of the body.
    #[napi(ts_type = "string | null")]
    pub message: Option<String>,
    /// What was thrown. Its causes are read too, and `status`, `headers` and `body` of the clients' error classes where
    /// they are not given here. An error of this package that carries a `failure` gives that record.
    #[napi(ts_type = "unknown")]
    pub error: Option<String>,
    /// The model that was asked for: a quota of another model blocks the whole pool.
    #[napi(ts_type = "string | null")]
    pub model: Option<String>,
    /// The credential was renewed just before this request, so that a refusal is final. Default false.
    #[napi(ts_type = "boolean | null")]
    pub refreshed: Option<bool>,
    /// Wall clock in milliseconds. Default `Date.now()`.
    #[napi(ts_type = "number | null")]
    pub now: Option<f64>,
}

/// A response to find a retry hint in. Every field may be absent or `null`.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
#[expect(dead_code, reason = "a shape for index.d.ts")]
pub struct RetryHintEvidence {
    /// As in `FailureEvidence`.
    #[napi(
        ts_type = "Headers | Record<string, string | string[] | number | null | undefined> | Iterable<readonly [string, string]> | null"
    )]
    pub headers: Option<String>,
    /// As in `FailureEvidence`.
    #[napi(ts_type = "string | Uint8Array | ArrayBuffer | object | null")]
    pub body: Option<String>,
    /// Wall clock in milliseconds. Default `Date.now()`.
    #[napi(ts_type = "number | null")]
    pub now: Option<f64>,
}

impl From<Class> for FailureClass {
    fn from(class: Class) -> Self {
        match class {
            Class::RateLimit => Self::RateLimit,
            Class::Quota => Self::Quota,
            Class::Capacity => Self::Capacity,
            Class::Overloaded => Self::Overloaded,
            Class::Billing => Self::Billing,
            Class::Auth => Self::Auth,
            Class::AuthPermanent => Self::AuthPermanent,
            Class::VerificationRequired => Self::VerificationRequired,
            Class::AccountDisabled => Self::AccountDisabled,
            Class::UnsupportedClient => Self::UnsupportedClient,
            Class::NoLicense => Self::NoLicense,
            Class::Format => Self::Format,
            Class::ModelNotFound => Self::ModelNotFound,
            Class::Timeout => Self::Timeout,
            Class::Aborted => Self::Aborted,
            Class::Network => Self::Network,
            Class::Truncated => Self::Truncated,
            Class::Empty => Self::Empty,
            Class::Unknown => Self::Unknown,
        }
    }
}

impl From<Scope> for FailureScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Model => Self::Model,
            Scope::Pool => Self::Pool,
            Scope::Account => Self::Account,
            Scope::Endpoint => Self::Endpoint,
            Scope::Request => Self::Request,
        }
    }
}

impl From<Trust> for HintTrust {
    fn from(trust: Trust) -> Self {
        match trust {
            Trust::Server => Self::Server,
            Trust::Capped => Self::Capped,
        }
    }
}

impl From<HostReason> for FailoverReason {
    fn from(reason: HostReason) -> Self {
        match reason {
            HostReason::RateLimit => Self::RateLimit,
            HostReason::Format => Self::Format,
            HostReason::Billing => Self::Billing,
            HostReason::Timeout => Self::Timeout,
            HostReason::Auth => Self::Auth,
        }
    }
}

impl From<Hint> for RetryHint {
    fn from(hint: Hint) -> Self {
        Self {
            retry_after_ms: hint.retry_after_ms as f64,
            reset_at: hint.reset_at as f64,
            source: hint.source,
            trust: hint.trust.into(),
        }
    }
}

impl From<Failure> for FailureRecord {
    fn from(failure: Failure) -> Self {
        Self {
            class: failure.class.into(),
            scope: failure.scope.into(),
            rotate: failure.rotate,
            retry_after_ms: failure.retry_after_ms.map(|ms| ms as f64),
            reset_at: failure.reset_at.map(|ms| ms as f64),
            source: failure.source,
            trust: failure.trust.map(Into::into),
            rule: failure.rule,
            status: failure.status,
            reason: failure.reason,
            model: failure.model,
            quota_id: failure.quota_id,
            trace_id: failure.trace_id,
            url: failure.url,
            text: failure.text,
        }
    }
}
