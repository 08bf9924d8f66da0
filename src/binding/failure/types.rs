//! The types of `failure`'s exports.

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::hint_types::{HintSource, HintTrust};
use super::mirrors::mirrors;
use super::properties::Status;
use super::read_rules::OwnRules;
use crate::binding::values::params::{Lenient, params};
use crate::failure::{Class, Failure, HostReason, Scope};

/// What kind of failure it is: what rests, for how long, and what a person can do.
///
/// - `rate_limit`: too much in a short time. The account rests with this model for the stated seconds, else about a
///   minute. The rule `concurrency` says that too many requests run at once, or that the plan's windows have room: a few
///   seconds, with jitter. Send less at a time, or add accounts.
/// - `quota`: an allowance of a day, a window or a plan is used up. The account rests until it refills: with one model,
///   or as a whole where `scope` says so. Wait, or buy a larger plan.
/// - `capacity`: the model has no room, whoever asks. No account rests; another model helps.
/// - `overloaded`: the server has a bad time. The server rests for seconds, no account does.
/// - `billing`: no money or credits, or a limit that somebody set. The account rests for hours; pay, or raise the limit.
/// - `no_license`: the plan does not cover the model or the use. The account rests for hours; change the plan. With the
///   scope `request` only requests like this one are refused (a longer context): nobody rests, another account may answer.
/// - `auth`: the credential was refused. Refresh it once; if that does not help, log in again.
/// - `auth_permanent`: refreshing does not help. The account rests for hours; replace the key, or give it the permission.
/// - `verification_required`: the account's owner must act; see `url`. `account_disabled`: the account is closed or
///   restricted until its owner writes to the provider. Both rest for hours.
/// - `unsupported_client`: this program may not use the account. The account rests for hours; use an API key.
/// - `format`: the request itself is wrong, too large or refused for its content. Nobody rests; change the request.
/// - `model_not_found`: another model. Nobody rests.
/// - `timeout`, `network`: no answer, and why; a refused country or a block on the way is `network` too. The server
///   rests for seconds, no account does.
/// - `aborted`: the caller stopped it. Nobody rests.
/// - `truncated`, `empty`: an answer that is none. Ask again.
/// - `unknown`: nothing that we know. The account rests for seconds.
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
    pub source: Option<HintSource>,
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

/// What is known about a failure. Every field may be absent or `null`.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct FailureEvidence<'env> {
    /// The response's HTTP status.
    #[napi(ts_type = "number | null")]
    pub status: Option<Lenient<Status>>,
    /// The response's headers: a `Headers` object, a `Map`, a list of pairs or a plain record, names in any case.
    #[napi(
        ts_type = "Headers | Record<string, string | string[] | number | null | undefined> | Iterable<readonly [string, string]> | null"
    )]
    pub headers: Option<Unknown<'env>>,
    /// The response's body in whatever container it came: text, bytes, or data that was parsed before.
    #[napi(ts_type = "string | Uint8Array | ArrayBuffer | object | null")]
    pub body: Option<Unknown<'env>>,
    /// An error text, where there is one beside or instead of the body.
    #[napi(ts_type = "string | null")]
    pub message: Option<Lenient<String>>,
    /// What was thrown. Its causes are read too, and `status`, `headers` and `body` of the clients' error classes where
    /// they are not given here. An error of this package that carries a `failure` gives that record.
    #[napi(ts_type = "unknown")]
    pub error: Option<Unknown<'env>>,
    /// The model that was asked for: a quota of another model blocks the whole pool.
    #[napi(ts_type = "string | null")]
    pub model: Option<Lenient<String>>,
    /// The credential was renewed just before this request, so that a refusal is final. Default false.
    #[napi(ts_type = "boolean | null")]
    pub refreshed: Option<Lenient<bool>>,
    /// The provider that was asked, for `rules` that name one; compared without case, blanks and aliases.
    #[napi(ts_type = "string | null")]
    pub provider: Option<Lenient<String>>,
    /// Rules of your own. They go before ours, and the first that fits decides.
    #[napi(ts_type = "readonly FailureRule[] | null")]
    pub rules: Option<OwnRules>,
    /// Adds `explanation`: what was seen, and which piece decided. Default false.
    #[napi(ts_type = "boolean | null")]
    pub explain: Option<Lenient<bool>>,
    /// Wall clock in milliseconds. Default `Date.now()`.
    #[napi(ts_type = "number | null")]
    pub now: Option<Lenient<f64>>,
}
params!(FailureEvidence<'env> {
    status, headers, body, message, error, model, refreshed, provider, rules, explain, now,
});

mirrors! { Class => FailureClass: RateLimit, Quota, Capacity, Overloaded, Billing, Auth, AuthPermanent, VerificationRequired, AccountDisabled, UnsupportedClient, NoLicense, Format, ModelNotFound, Timeout, Aborted, Network, Truncated, Empty, Unknown }

mirrors! { Scope => FailureScope: Model, Pool, Account, Endpoint, Request }

mirrors! { HostReason => FailoverReason: RateLimit, Format, Billing, Timeout, Auth }

impl From<Failure> for FailureRecord {
    fn from(failure: Failure) -> Self {
        Self {
            class: failure.class.into(),
            scope: failure.scope.into(),
            rotate: failure.rotate,
            retry_after_ms: failure.retry_after_ms.map(|ms| ms as f64),
            reset_at: failure.reset_at.map(|ms| ms as f64),
            source: failure.source.map(Into::into),
            trust: failure.trust.map(Into::into),
            rule: failure.rule.name(),
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
