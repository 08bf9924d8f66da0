//! The record that everything else speaks: what happened, whom it concerns, and when to come back.

use serde::Serialize;

/// What kind of failure it is. The names are the public string values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Class {
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

impl Class {
    /// Every class with its public name.
    pub(crate) const ALL: [(Self, &'static str); 19] = [
        (Self::RateLimit, "rate_limit"),
        (Self::Quota, "quota"),
        (Self::Capacity, "capacity"),
        (Self::Overloaded, "overloaded"),
        (Self::Billing, "billing"),
        (Self::Auth, "auth"),
        (Self::AuthPermanent, "auth_permanent"),
        (Self::VerificationRequired, "verification_required"),
        (Self::AccountDisabled, "account_disabled"),
        (Self::UnsupportedClient, "unsupported_client"),
        (Self::NoLicense, "no_license"),
        (Self::Format, "format"),
        (Self::ModelNotFound, "model_not_found"),
        (Self::Timeout, "timeout"),
        (Self::Aborted, "aborted"),
        (Self::Network, "network"),
        (Self::Truncated, "truncated"),
        (Self::Empty, "empty"),
        (Self::Unknown, "unknown"),
    ];

    /// The class of a public string value.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        named(&Self::ALL, name)
    }
}

/// Whom the failure concerns, and so what a cooldown should cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
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

impl Scope {
    /// Every scope with its public name.
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::Model, "model"),
        (Self::Pool, "pool"),
        (Self::Account, "account"),
        (Self::Endpoint, "endpoint"),
        (Self::Request, "request"),
    ];

    /// The scope of a public string value.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        named(&Self::ALL, name)
    }
}

/// How far the stated wait can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trust {
    /// Stated by the server and plausible.
    Server,
    /// Stated by the server, but shortened to the cap because nothing else supports so long a wait.
    Capped,
}

impl Trust {
    /// Both values with their public names.
    pub(crate) const ALL: [(Self, &'static str); 2] =
        [(Self::Server, "server"), (Self::Capped, "capped")];

    /// The trust of a public string value.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        named(&Self::ALL, name)
    }
}

fn named<T: Copy>(table: &[(T, &'static str)], name: &str) -> Option<T> {
    table.iter().find(|(_, entry)| *entry == name).map(|(value, _)| *value)
}

/// One error of a thrown error's cause chain, outermost first.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Thrown<'a> {
    /// `error.name`, for example `TimeoutError`.
    pub name: &'a str,
    /// `error.message`.
    pub message: &'a str,
    /// `error.code` where it is a string, for example `ECONNRESET` or `UND_ERR_SOCKET`.
    pub code: &'a str,
}

/// Everything that is known about a failure. Absent parts stay empty.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Evidence<'a> {
    pub status: Option<u16>,
    /// Header names in any case.
    pub headers: &'a [(String, String)],
    pub body: Option<&'a [u8]>,
    pub message: Option<&'a str>,
    /// What was thrown, with its causes, outermost first.
    pub thrown: &'a [Thrown<'a>],
    /// The model that was asked for.
    pub model: Option<&'a str>,
    /// The credential was renewed just before this request: a refusal of it is then final.
    pub refreshed: bool,
    /// Wall clock, milliseconds since the epoch.
    pub now_ms: i64,
}

/// What a failure means.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
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
