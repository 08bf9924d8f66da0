//! The record that everything else speaks: what happened, whom it concerns, and when to come back.

use serde::Serialize;

use super::decide::own_rules::OwnRule;
use super::names::{Class, Rule, Scope, Source, Trust};

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
    /// Who was asked, normalized; for rules of the caller's own.
    pub provider: Option<&'a str>,
    /// Rules of the caller's own; they go before ours.
    pub rules: &'a [OwnRule],
    /// The credential was renewed just before this request: a refusal of it is then final.
    pub refreshed: bool,
    /// A record of ours that came with the failure. Only our own code fills this, and never from a body: a server could
    /// write one to have every rule skipped.
    pub known: Option<&'a Failure>,
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
    pub source: Option<Source>,
    pub trust: Option<Trust>,
    /// The rule that decided, for logs and tests.
    pub rule: Rule,
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

impl Failure {
    /// A failure that no response explains.
    #[must_use]
    pub(crate) fn without_response(
        rule: Rule,
        class: Class,
        scope: Scope,
        rotate: bool,
        text: String,
    ) -> Self {
        Self {
            class,
            scope,
            rotate,
            retry_after_ms: None,
            reset_at: None,
            source: None,
            trust: None,
            rule,
            status: None,
            reason: None,
            model: None,
            quota_id: None,
            trace_id: None,
            url: None,
            text,
        }
    }
}
