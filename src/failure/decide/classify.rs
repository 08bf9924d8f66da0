//! From evidence to the record.
//!
//! Invariant: never fails and never panics, whatever the evidence; the same evidence always gives the same record.

use super::hint::{self, Hint, Stated, Support};
use super::phrases::Words;
use super::reasons::{self, Meaning};
use super::rules::{self, Signals};
use super::{own_record, scope};
use crate::failure::read::facts::{Facts, Kind};
use crate::failure::read::headers::{self, Headers};
use crate::failure::read::printed_status::spoken_status;
use crate::failure::read::{body, thrown};
use crate::failure::record::{Class, Evidence, Failure, Scope};
use crate::failure::redact::{identifier, redact, redact_to};

/// So much of a body without a message is shown.
const RAW_CHARS: usize = 500;

/// What a failure means.
#[must_use]
pub(crate) fn classify(evidence: &Evidence<'_>) -> Failure {
    if let Some(known) = evidence.body.and_then(own_record::read) {
        return known;
    }
    let facts = read_texts(evidence);
    let headers = headers::read(evidence.headers);
    let status = status_of(evidence, &facts);
    let waits = || headers.waits.iter().chain(&facts.waits).copied();
    let mut words = Words::default();
    facts.words().for_each(|text| words.read(text));

    let signals = Signals {
        status,
        facts: &facts,
        words,
        quota_refused: headers.quota_refused || facts.quota_refused,
        longest_wait_ms: longest(waits(), evidence.now_ms),
        refreshed: evidence.refreshed,
    };
    let (meaning, thrown_code) = decide(evidence, &signals);
    let hint = hint_for(meaning, waits(), evidence.now_ms);
    let scope = scope::of(meaning, &signals, evidence.model);
    let decided = Decided { status, meaning, scope, thrown_code, hint };
    build(evidence, &facts, &headers, &decided)
}

/// A thrown error decides where no response was read; else the response does.
fn decide<'a>(evidence: &Evidence<'a>, signals: &Signals<'_>) -> (Meaning, Option<&'a str>) {
    if signals.status.is_none()
        && signals.facts.kind != Kind::Error
        && let Some(found) = thrown::meaning(evidence.thrown)
    {
        return found;
    }
    (signals.decide(), None)
}

/// The body first; then the message and what was thrown, which often repeat it and at times are all there is.
fn read_texts(evidence: &Evidence<'_>) -> Facts {
    let mut facts = evidence.body.map(body::read).unwrap_or_default();
    let messages = evidence.thrown.iter().map(|link| link.message);
    for text in evidence.message.into_iter().chain(messages).filter(|text| !text.is_empty()) {
        facts.merge(body::read(text.as_bytes()));
    }
    facts.reasons.sort();
    facts
}

/// The response's own status, or the one that its body or its words name.
fn status_of(evidence: &Evidence<'_>, facts: &Facts) -> Option<u16> {
    let is_error = |status: &u16| (400..600).contains(status);
    evidence
        .status
        .filter(is_error)
        .or(facts.code)
        .or_else(|| facts.reasons.iter().find_map(|(_, code)| reasons::status(code)))
        .or_else(|| facts.words().find_map(spoken_status))
}

fn longest(waits: impl Iterator<Item = Stated> + Clone, now_ms: i64) -> Option<u64> {
    let support = Support { quota: true, windows: true };
    hint::choose(waits, support, now_ms).map(|hint| hint.retry_after_ms)
}

/// The hint, where coming back later can help at all.
fn hint_for(
    (class, rule): Meaning,
    waits: impl Iterator<Item = Stated> + Clone,
    now_ms: i64,
) -> Option<Hint> {
    let never = matches!(class, Class::Format | Class::Aborted | Class::ModelNotFound);
    if never || rule == "quota-limit-zero" {
        return None;
    }
    let support = Support {
        quota: matches!(class, Class::Quota | Class::Billing),
        windows: matches!(class, Class::Quota | Class::Billing | Class::RateLimit),
    };
    hint::choose(waits, support, now_ms)
}

/// What the rules and the hint came to.
struct Decided<'a> {
    status: Option<u16>,
    meaning: Meaning,
    scope: Scope,
    thrown_code: Option<&'a str>,
    hint: Option<Hint>,
}

fn build(
    evidence: &Evidence<'_>,
    facts: &Facts,
    headers: &Headers,
    decided: &Decided<'_>,
) -> Failure {
    let (class, rule) = decided.meaning;
    let hint = decided.hint.as_ref();
    let reason = rules::best_reason(facts)
        .map(|(code, _)| code)
        .or_else(|| facts.reasons.first().map(|(_, code)| code.as_str()))
        .or(decided.thrown_code);
    let is_owners = class == Class::VerificationRequired;
    let url = facts.url.as_ref().or_else(|| facts.links.first()).filter(|_| is_owners);
    Failure {
        class,
        scope: decided.scope,
        rotate: scope::can_rotate(class),
        retry_after_ms: hint.map(|hint| hint.retry_after_ms),
        reset_at: hint.map(|hint| hint.reset_at),
        source: hint.map(|hint| hint.source),
        trust: hint.map(|hint| hint.trust),
        rule,
        status: decided.status.or(evidence.status),
        reason: reason.and_then(identifier),
        model: scope::named_model(facts, evidence.model).and_then(identifier),
        quota_id: facts.quota_ids.first().and_then(|id| identifier(id)),
        trace_id: headers
            .trace_id
            .clone()
            .or_else(|| facts.trace_id.as_deref().and_then(identifier)),
        url: url.cloned(),
        text: shown_text(evidence, facts),
    }
}

fn shown_text(evidence: &Evidence<'_>, facts: &Facts) -> String {
    if let Some(message) = &facts.message {
        let limit =
            if facts.kind == Kind::Error { crate::failure::redact::MAX_CHARS } else { RAW_CHARS };
        return redact_to(message, limit);
    }
    let body = evidence.body.unwrap_or_default();
    let start = &body[..body.len().min(RAW_CHARS * 4)];
    if start.is_empty() {
        let thrown = evidence.thrown.first().map(|link| link.name);
        return redact(evidence.message.or(thrown).unwrap_or_default());
    }
    redact_to(&String::from_utf8_lossy(start), RAW_CHARS)
}
