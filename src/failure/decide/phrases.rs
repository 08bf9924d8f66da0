//! The words that servers use, found in one pass over a text.
//!
//! Invariant: words are the last evidence. Only [`super::rules`] says what they mean, beside which status.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::failure::read::window::start_of;

/// Longer texts are not messages; a page of 64 kB says nothing more than its start.
const WINDOW: usize = 64 * 1024;

/// A group of phrases that mean one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Word {
    Capacity,
    /// One allowance for all models of an account.
    Individual,
    /// Throttling that a code calls a lack of money.
    Allocated,
    Overloaded,
    Billing,
    /// A named allowance is used up.
    Quota,
    /// A quota is spoken of; whether it is a long one, only a number can tell.
    QuotaMaybe,
    PerDay,
    RateLimit,
    /// The allowance is nothing at all.
    LimitZero,
    Terms,
    DeadKey,
    Verify,
    Client,
    License,
    NoModel,
    ToolId,
    Thought,
    TooLong,
    Timeout,
    Aborted,
    Network,
    Unauthorized,
    Forbidden,
    BadRequest,
}

use Word::{
    Aborted, Allocated, BadRequest, Billing, Capacity, Client, DeadKey, Forbidden, Individual,
    License, LimitZero, Network, NoModel, Overloaded, PerDay, Quota, QuotaMaybe, RateLimit, Terms,
    Thought, Timeout, TooLong, ToolId, Unauthorized, Verify,
};

const PHRASES: &[(Word, &[&str])] = &[
    (Capacity, &["no capacity available", "model_capacity_e", "model capacity exhausted"]),
    (
        Overloaded,
        &[
            "overloaded",
            "high demand",
            "currently unavailable",
            "temporarily unavailable",
            "service unavailable",
            "server is busy",
            "bad gateway",
            "internal server error",
        ],
    ),
    (
        Billing,
        &[
            "credit balance",
            "insufficient credit",
            "insufficient balance",
            "insufficient_g1_credits",
            "insufficient_quota",
            "payment required",
            "out of credits",
            "any credits",
            "available credits",
            "more credits",
            "spending limit",
            "recharge",
        ],
    ),
    (
        Quota,
        &[
            "individual quota",
            "usage limit",
            "daily limit",
            "weekly limit",
            "weekly rate limit",
            "monthly limit",
            "5-hour limit",
            "quota_exhausted",
            "quota exhausted",
        ],
    ),
    (Individual, &["individual quota"]),
    (Allocated, &["allocated quota"]),
    (
        QuotaMaybe,
        &[
            "quota will",
            "exhausted your",
            "current quota",
            "quota exceeded",
            "reset after",
            "resets after",
            "reset in",
            "resets in",
        ],
    ),
    (PerDay, &["per day", "perday", "per_day", "(tpd)", "(rpd)"]),
    (
        RateLimit,
        &[
            "rate limit",
            "rate_limit",
            "ratelimit",
            "rate-limit",
            "too many requests",
            "resource has been exhausted",
            "resource exhausted",
            "resource_exhausted",
            "current quota",
            "quota exceeded",
            "quota will",
            "exhausted your",
            "throttl",
        ],
    ),
    (LimitZero, &["limit: 0"]),
    (
        Terms,
        &[
            "terms of service",
            "account has been",
            "account is suspended",
            "account is disabled",
            "has been suspended",
            "has been banned",
            "deactivated",
            "organization has been disabled",
            "service has been disabled in this account",
        ],
    ),
    (
        DeadKey,
        &[
            "api key not valid",
            "api key expired",
            "invalid api key",
            "invalid x-api-key",
            "incorrect api key",
            "invalid_api_key",
            "revoked",
            "key has been disabled",
            "key is disabled",
            "reported as leaked",
            "invalid_grant",
        ],
    ),
    (
        Verify,
        &[
            "verify your account",
            "validation_required",
            "verification required",
            "verify your identity",
            "must be verified",
        ],
    ),
    (
        Client,
        &[
            "unsupported_client",
            "unsupported client",
            "client is not supported",
            "client is no longer supported",
            "only authorized for use with",
        ],
    ),
    (
        License,
        &[
            "license",
            "licence",
            "subscription_required",
            "subscription required",
            "usage_not_included",
        ],
    ),
    (
        NoModel,
        &[
            "model_not_found",
            "model not found",
            "is not found for api version",
            "unknown model",
            "not a valid model",
            "requested entity was not found",
        ],
    ),
    (
        ToolId,
        &[
            "tool_use_id",
            "tool_use.id",
            "tool_use ids",
            "tool_use` ids",
            "tool_result",
            "tool_call_id",
            "tool call id",
            "function response parts",
            "function call turn",
        ],
    ),
    (
        Thought,
        &[
            "thought_signature",
            "thought signature",
            "thoughtsignature",
            "signature in `thinking",
            "invalid `signature",
        ],
    ),
    (
        TooLong,
        &[
            "context length",
            "context_length",
            "context window",
            "prompt is too long",
            "input is too long",
            "maximum context",
            "input token count",
        ],
    ),
    (Timeout, &["timeout", "timed out", "deadline exceeded", "deadline_exceeded"]),
    (
        Aborted,
        &[
            "request was aborted",
            "request aborted",
            "operation was aborted",
            "user aborted",
            "aborterror",
        ],
    ),
    (
        Network,
        &[
            "fetch failed",
            "econnreset",
            "econnrefused",
            "enotfound",
            "eai_again",
            "epipe",
            "getaddrinfo",
            "socket hang up",
            "other side closed",
            "network error",
            "connection error",
            "connection reset",
            "connection refused",
            "self-signed certificate",
        ],
    ),
    (
        Unauthorized,
        &[
            "unauthorized",
            "unauthenticated",
            "authentication",
            "invalid token",
            "token has expired",
            "token expired",
            "token is expired",
            "no api key",
        ],
    ),
    (Forbidden, &["permission denied", "permission_denied", "forbidden", "access denied"]),
    (BadRequest, &["invalid argument", "invalid_argument", "invalid_request", "bad request"]),
];

static FINDER: LazyLock<(AhoCorasick, Vec<Word>)> = LazyLock::new(|| {
    let flat = PHRASES.iter().flat_map(|(word, list)| list.iter().map(move |text| (*word, *text)));
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        // Overlapping search needs it: "quota exceeded" belongs to two groups.
        .match_kind(MatchKind::Standard)
        // The default for so many patterns is smaller and half as fast.
        .kind(Some(AhoCorasickKind::DFA))
        .build(flat.clone().map(|(_, text)| text))
        .expect("a constant list of short phrases compiles");
    (finder, flat.map(|(word, _)| word).collect())
});

/// The groups that occur in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Words(u32);

impl Words {
    /// Adds what occurs in one more text.
    pub(crate) fn read(&mut self, text: &str) {
        let text = start_of(text, WINDOW);
        let (finder, words) = &*FINDER;
        for found in finder.find_overlapping_iter(text) {
            let word = words[found.pattern().as_usize()];
            if word != LimitZero || is_zero(&text[found.end()..]) {
                self.0 |= 1 << word as u8;
            }
        }
    }

    pub(crate) fn has(self, word: Word) -> bool {
        self.0 & (1 << word as u8) != 0
    }
}

/// Whether the digit just read is the whole number: "limit: 0", not "limit: 0.5" or "limit: 05".
fn is_zero(rest: &str) -> bool {
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    !fraction.starts_with(|letter: char| letter.is_ascii_digit())
}
