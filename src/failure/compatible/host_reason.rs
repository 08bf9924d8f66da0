//! The host's own reading of a bare error text, for hosts that have nothing else.
//!
//! Invariant: the same answer as the host's function of January 2026, text for text. It knows no status and no fields;
//! [`crate::failure::classify`] is what to call where there is more.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Why the host would move to the next profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostReason {
    RateLimit,
    Format,
    Billing,
    Timeout,
    Auth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    ImageDimensions,
    ImageTooLarge,
    Megabyte,
    RateLimit,
    Format,
    Billing,
    BillingWord,
    BillingPlan,
    Timeout,
    Auth,
}

/// Phrase, meaning, and whether it must stand as a word of its own.
const PHRASES: &[(&str, Mark, bool)] = &[
    ("image dimensions exceed max allowed size", Mark::ImageDimensions, false),
    ("image exceeds", Mark::ImageTooLarge, false),
    ("mb", Mark::Megabyte, false),
    ("rate limit", Mark::RateLimit, false),
    ("rate_limit", Mark::RateLimit, false),
    ("too many requests", Mark::RateLimit, false),
    ("429", Mark::RateLimit, false),
    ("exceeded your current quota", Mark::RateLimit, false),
    ("resource has been exhausted", Mark::RateLimit, false),
    ("quota exceeded", Mark::RateLimit, false),
    ("resource_exhausted", Mark::RateLimit, false),
    ("usage limit", Mark::RateLimit, false),
    ("overloaded", Mark::RateLimit, false),
    ("string should match pattern", Mark::Format, false),
    ("tool_use.id", Mark::Format, false),
    ("tool_use_id", Mark::Format, false),
    ("invalid request format", Mark::Format, false),
    ("402", Mark::Billing, true),
    ("payment required", Mark::Billing, false),
    ("insufficient credits", Mark::Billing, false),
    ("credit balance", Mark::Billing, false),
    ("plans & billing", Mark::Billing, false),
    ("billing", Mark::BillingWord, false),
    ("upgrade", Mark::BillingPlan, false),
    ("credits", Mark::BillingPlan, false),
    ("payment", Mark::BillingPlan, false),
    ("plan", Mark::BillingPlan, false),
    ("timeout", Mark::Timeout, false),
    ("timed out", Mark::Timeout, false),
    ("deadline exceeded", Mark::Timeout, false),
    ("invalidapikey", Mark::Auth, false),
    ("invalidapi_key", Mark::Auth, false),
    ("invalidapi key", Mark::Auth, false),
    ("invalid_apikey", Mark::Auth, false),
    ("invalid_api_key", Mark::Auth, false),
    ("invalid_api key", Mark::Auth, false),
    ("invalid apikey", Mark::Auth, false),
    ("invalid api_key", Mark::Auth, false),
    ("invalid api key", Mark::Auth, false),
    ("incorrect api key", Mark::Auth, false),
    ("invalid token", Mark::Auth, false),
    ("authentication", Mark::Auth, false),
    ("re-authenticate", Mark::Auth, false),
    ("oauth token refresh failed", Mark::Auth, false),
    ("unauthorized", Mark::Auth, false),
    ("forbidden", Mark::Auth, false),
    ("access denied", Mark::Auth, false),
    ("expired", Mark::Auth, false),
    ("401", Mark::Auth, true),
    ("403", Mark::Auth, true),
    ("no credentials found", Mark::Auth, false),
    ("no api key found", Mark::Auth, false),
];

/// What marks a text as a timeout, and a second list for aborts that were one.
const TIMEOUT_PHRASES: [&str; 3] = ["timeout", "timed out", "deadline exceeded"];
const ABORTED_REQUEST_PHRASES: [&str; 2] = ["request was aborted", "request aborted"];

static FINDER: LazyLock<AhoCorasick> =
    LazyLock::new(|| finder(PHRASES.iter().map(|(text, ..)| *text)));
static TIMEOUTS: LazyLock<AhoCorasick> = LazyLock::new(|| finder(TIMEOUT_PHRASES));
static ABORTED_REQUESTS: LazyLock<AhoCorasick> = LazyLock::new(|| finder(ABORTED_REQUEST_PHRASES));

fn finder(phrases: impl IntoIterator<Item = &'static str>) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(phrases)
        .expect("a constant list of short phrases compiles")
}

/// The host's reason for a text, or `None` where it would not rotate.
#[must_use]
pub(crate) fn host_reason(text: &str) -> Option<HostReason> {
    let text = lower(text);
    let mut marks = 0u16;
    for found in FINDER.find_overlapping_iter(text.as_ref()) {
        let (_, mark, own_word) = PHRASES[found.pattern().as_usize()];
        if !own_word || stands_alone(text.as_bytes(), found.start(), found.end()) {
            marks |= 1 << mark as u16;
        }
    }
    let has = |mark: Mark| marks & (1 << mark as u16) != 0;
    match () {
        () if has(Mark::ImageDimensions) => None,
        () if has(Mark::ImageTooLarge) && has(Mark::Megabyte) => None,
        () if has(Mark::RateLimit) => Some(HostReason::RateLimit),
        () if has(Mark::Format) => Some(HostReason::Format),
        () if has(Mark::Billing) => Some(HostReason::Billing),
        () if has(Mark::BillingWord) && has(Mark::BillingPlan) => Some(HostReason::Billing),
        () if has(Mark::Timeout) => Some(HostReason::Timeout),
        () if has(Mark::Auth) => Some(HostReason::Auth),
        () => None,
    }
}

/// Whether the words are those of a timeout.
#[must_use]
pub(crate) fn is_timeout_text(text: &str) -> bool {
    TIMEOUTS.is_match(text)
}

/// Whether the words are those of a request that was given up; from the host's own timer, they mean a timeout.
#[must_use]
pub(crate) fn is_aborted_request_text(text: &str) -> bool {
    ABORTED_REQUESTS.is_match(text)
}

/// JavaScript's lower case: beyond ASCII it turns a few letters into ASCII ones (the Kelvin sign into `k`).
fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    !before.is_some_and(is_word) && !text.get(end).is_some_and(is_word)
}
