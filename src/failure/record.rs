//! The record that everything else speaks: what happened, whom it concerns, and when to come back.

use serde::Serialize;

/// What kind of failure it is. The names are the public string values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
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

/// Whom the failure concerns, and so what a cooldown should cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This account with this model.
    Model,
    /// This account with a group of models that share one quota.
    Pool,
    /// This account with every model.
    Account,
    /// This server, whoever asks.
    Endpoint,
    /// This request, whoever sends it.
    Request,
}

/// How far the stated wait can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Stated by the server and plausible.
    Server,
    /// Stated by the server, but shortened to the cap because nothing else supports so long a wait.
    Capped,
}

/// Everything that is known about a failure. Absent parts stay empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    pub status: Option<u16>,
    /// Header names in any case.
    pub headers: &'a [(String, String)],
    pub body: Option<&'a [u8]>,
    pub message: Option<&'a str>,
    /// The model that was asked for.
    pub model: Option<&'a str>,
    /// Wall clock, milliseconds since the epoch.
    pub now_ms: i64,
}

/// What a failure means.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub class: Class,
    pub scope: Scope,
    /// Whether another account could answer the same request.
    pub rotate: bool,
    /// `Some(0)` is "now"; `None` is "not stated".
    pub retry_after_ms: Option<u64>,
    /// Wall clock, milliseconds since the epoch.
    pub reset_at: Option<i64>,
    /// Where the wait was found, for example `retry-info` or `header:retry-after`.
    pub source: Option<&'static str>,
    pub trust: Option<Trust>,
    /// The rule that decided, for logs and tests.
    pub rule: &'static str,
    pub status: Option<u16>,
    /// The server's own reason code, for example `QUOTA_EXHAUSTED`.
    pub reason: Option<String>,
    pub model: Option<String>,
    pub quota_id: Option<String>,
    pub trace_id: Option<String>,
    /// Where the account's owner must go (`verification_required`).
    pub url: Option<String>,
    /// The server's words: redacted, without control characters, at most 2,000 characters.
    pub text: String,
}
