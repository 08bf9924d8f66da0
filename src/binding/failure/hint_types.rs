//! The types of waits, as TypeScript sees them.

use napi_derive::napi;

use super::mirrors::mirrors;
use crate::failure::{Hint, Source, Trust};

/// `server`: the wait is as stated. `capped`: it was shortened, because nothing but the number supports so long a wait:
/// to five minutes, or to a day where a `Retry-After` header states it. Beside a word, a code or a header of a day, a
/// window or a quota a wait is believed whole, up to 35 days, and so is one that words tell in hours or days.
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
/// - `own-rule`: one of the caller's `rules` stated it.
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
    OwnRule,
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

/// When to come back, as the server states it.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct RetryHint {
    /// Milliseconds until the next attempt; 0 is "now".
    pub retry_after_ms: f64,
    /// The same as wall-clock milliseconds since the epoch.
    pub reset_at: f64,
    /// Where it was found, for example `retry-info`, `message` or `header:retry-after`.
    pub source: HintSource,
    pub trust: HintTrust,
}

mirrors! { Trust => HintTrust: Server, Capped }

mirrors! { Source => HintSource: RetryInfo, QuotaResetDelay, QuotaResetTimestamp, Message, MessageTime, MessageTimeNoZone, Given, OwnRule, BodyRetryAfter, BodyResetsAt, RetryAfter, RetryAfterMs, XMsRetryAfterMs, RatelimitReset, XRatelimitReset, XRatelimitResetMs, XRatelimitResetAfter, AnthropicRatelimitReset, XCodexReset }

impl From<Hint> for RetryHint {
    fn from(hint: Hint) -> Self {
        Self {
            retry_after_ms: hint.retry_after_ms as f64,
            reset_at: hint.reset_at as f64,
            source: hint.source.into(),
            trust: hint.trust.into(),
        }
    }
}
