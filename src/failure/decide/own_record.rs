//! A record of ours that comes back as a body: from a log, another process or an error's `failure` field.
//!
//! Invariant: classifying a record gives that record. Rules and sources are known by name; one that is not known (of
//! another version) becomes `given`.

use memchr::memmem;

use crate::failure::read::json::{self, Json};
use crate::failure::record::{Class, Failure, Scope, Trust};
use crate::failure::redact::{identifier, redact};

/// Every name that a rule or a source may have.
const NAMES: [&str; 93] = [
    "abort-error",
    "aborted",
    "auth-after-refresh",
    "body:resets-at",
    "body:retry-after",
    "callback",
    "credentials",
    "cut-off",
    "empty-response",
    "finish-reason",
    "format",
    "format-context-length",
    "format-thought-signature",
    "format-tool-id",
    "frame-too-large",
    "given",
    "header:anthropic-ratelimit-reset",
    "header:ratelimit-reset",
    "header:retry-after",
    "header:retry-after-ms",
    "header:x-codex-reset",
    "header:x-ms-retry-after-ms",
    "header:x-ratelimit-reset",
    "header:x-ratelimit-reset-after",
    "header:x-ratelimit-reset-ms",
    "internal",
    "invalid-input",
    "message",
    "message-time",
    "message-time-no-zone",
    "network",
    "network-connect",
    "network-dns",
    "network-fetch",
    "network-protocol",
    "network-proxy",
    "network-reset",
    "network-tls",
    "no-finish-reason",
    "none",
    "permission-denied",
    "proxy-authentication",
    "quota-daily",
    "quota-limit-zero",
    "quota-long-wait",
    "quota-reset-delay",
    "quota-reset-timestamp",
    "quota-window",
    "reason-account-disabled",
    "reason-auth",
    "reason-auth-permanent",
    "reason-billing",
    "reason-capacity",
    "reason-client",
    "reason-license",
    "reason-model",
    "reason-overloaded",
    "reason-quota",
    "reason-rate-limit",
    "reason-verification",
    "retry-info",
    "stated-wait",
    "status-401",
    "status-402",
    "status-403",
    "status-404",
    "status-429",
    "status-499",
    "status-5xx",
    "timeout-body",
    "timeout-connect",
    "timeout-error",
    "timeout-first-event",
    "timeout-headers",
    "timeout-idle",
    "timeout-socket",
    "timeout-status",
    "timeout-total",
    "words-aborted",
    "words-account-disabled",
    "words-auth",
    "words-billing",
    "words-capacity",
    "words-client",
    "words-dead-key",
    "words-license",
    "words-model",
    "words-network",
    "words-overloaded",
    "words-quota",
    "words-rate-limit",
    "words-timeout",
    "words-verification",
];

/// The record that a body is, if it is one.
pub(crate) fn read(body: &[u8]) -> Option<Failure> {
    // Nearly no body is a record: a search is cheaper than reading it twice.
    memmem::find(body, b"\"rotate\"")?;
    let text = std::str::from_utf8(body).ok()?.trim();
    text.starts_with('{').then(|| json::read(text)).filter(|piece| piece.whole)?.value.record()
}

impl Json<'_> {
    fn record(&self) -> Option<Failure> {
        let text = |name: &str| self.get(name).and_then(Json::text);
        let word = |name: &str| text(name).and_then(identifier);
        let number = |name: &str| self.get(name).and_then(Json::number).map(f64::round);
        let Some(Json::Bool(rotate)) = self.get("rotate") else { return None };
        Some(Failure {
            class: Class::from_name(text("class")?)?,
            scope: Scope::from_name(text("scope")?)?,
            rotate: *rotate,
            retry_after_ms: number("retryAfterMs").filter(|ms| *ms >= 0.0).map(|ms| ms as u64),
            reset_at: number("resetAt").map(|ms| ms as i64),
            source: text("source").map(known_name),
            trust: text("trust").and_then(Trust::from_name),
            rule: known_name(text("rule")?),
            status: number("status")
                .filter(|status| (100.0..1000.0).contains(status))
                .map(|status| status as u16),
            reason: word("reason"),
            model: word("model"),
            quota_id: word("quotaId"),
            trace_id: word("traceId"),
            url: text("url")
                .filter(|url| crate::failure::read::facts::is_url(url))
                .map(str::to_owned),
            text: redact(text("text").unwrap_or_default()),
        })
    }
}

fn known_name(name: &str) -> &'static str {
    NAMES.binary_search(&name).map_or("given", |index| NAMES[index])
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    /// The modules that name rules and sources, those of the request among them.
    const SOURCES: [&str; 9] = [
        include_str!("rules.rs"),
        include_str!("reasons.rs"),
        include_str!("../read/thrown.rs"),
        include_str!("../read/headers.rs"),
        include_str!("../read/spoken.rs"),
        include_str!("../../gemini/wire/assemble.rs"),
        include_str!("../../gemini/request/fault.rs"),
        include_str!("../../gemini/request/outcome.rs"),
        include_str!("../../gemini/request/reading.rs"),
    ];

    /// The literals that stand right after one of the marks.
    fn literals<'a>(source: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
        source.split(mark).skip(1).filter_map(|rest| {
            let rest = rest
                .trim_start_matches(|c: char| c.is_alphanumeric())
                .trim_start_matches([',', '\n', ' ']);
            rest.strip_prefix('"')?.split('"').next()
        })
    }

    #[test]
    fn every_rule_and_source_is_known_by_name() {
        for source in SOURCES {
            let rules = ["(Class::", "limited(", "refused_credential("];
            for name in rules.iter().flat_map(|mark| literals(source, mark)) {
                assert!(NAMES.contains(&name), "{name}");
            }
            for name in source.split('"').filter(|text| text.starts_with("header:")) {
                assert!(NAMES.contains(&name), "{name}");
            }
        }
    }

    #[test]
    fn the_names_are_in_order_for_the_search() {
        assert!(NAMES.is_sorted());
    }
}
