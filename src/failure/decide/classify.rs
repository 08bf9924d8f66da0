//! From evidence to the record.
//!
//! Invariant: never fails and never panics, whatever the evidence; the same evidence always gives the same record.

use super::codes::{self, Meaning};
use super::hint::{self, Hint, Support};
use super::limits;
use super::own_rules::{self, Seen, Then};
use super::phrases::{Word, Words};
use super::signals::{self, Signals, is_refused_request};
use super::{scope, thrown_codes};
use crate::failure::names::{Class, Rule, Scope, Source, Trust};
use crate::failure::read::body;
use crate::failure::read::facts::{Facts, Kind, Rank};
use crate::failure::read::headers::{self, Headers};
use crate::failure::read::own_words::Own;
use crate::failure::read::plan_windows::Refused;
use crate::failure::read::printed_status::spoken_status;
use crate::failure::read::wait::Stated;
use crate::failure::record::{Evidence, Failure};
use crate::failure::redact::{identifier, redact, redact_to};

/// So much of a body without a message is shown.
const RAW_CHARS: usize = 500;

/// What a failure means.
#[must_use]
pub(crate) fn classify(evidence: &Evidence<'_>) -> Failure {
    if let Some(known) = evidence.known {
        return known_by_own_rules(evidence, known);
    }
    let (facts, headers) = read_everything(evidence);
    let (status, is_status_stated) = status_of(evidence, &facts);
    let waits = || headers.waits.iter().chain(&facts.waits).copied();
    let (words, own) = words_of(&facts);
    let best = signals::best_code(&facts);
    let signals = Signals {
        status,
        is_status_stated,
        facts: &facts,
        code: best.map(|(_, code)| code),
        words,
        own,
        refused: if headers.refused == Refused::Nothing { facts.refused } else { headers.refused },
        is_too_large: words.has(Word::Requested) && facts.words().any(limits::is_too_large),
        has_room: headers.has_room,
        is_blocked: headers.is_blocked,
        should_retry: headers.should_retry,
        longest_wait_ms: longest(waits(), evidence.now_ms),
        refreshed: evidence.refreshed,
    };
    let (meaning, thrown_code) = decide(evidence, &signals);
    let own = own_rule(evidence, status, &facts).map(|(_, then)| then);
    let own = own.filter(|_| meaning.0 != Class::Aborted);
    let meaning = own.and_then(|then| then.class).map_or(meaning, |class| (class, Rule::Own));
    let hint = hint_for(meaning, &signals, waits(), evidence.now_ms);
    let scope = scope::of(meaning, &signals, evidence.model);
    let code = best.map(|(text, _)| text);
    let decided = Decided { status, meaning, scope, thrown_code, code, hint };
    let failure = build(evidence, &facts, &headers, &decided);
    match own {
        Some(then) => ruled(failure, then, evidence.now_ms),
        None => failure,
    }
}

/// The first of the caller's rules that fits: which it is, and what it says.
pub(super) fn own_rule<'r>(
    evidence: &Evidence<'r>,
    status: Option<u16>,
    facts: &Facts,
) -> Option<(usize, &'r Then)> {
    if evidence.rules.is_empty() {
        return None;
    }
    let thrown = evidence.thrown.iter();
    let codes =
        facts.reasons.iter().map(|(_, code)| code.as_str()).chain(thrown.clone().map(|it| it.code));
    let texts = facts.words().chain(evidence.message).chain(thrown.map(|it| it.message));
    let seen = Seen {
        status: status.or(evidence.status),
        provider: evidence.provider,
        codes: codes.collect(),
        texts: texts.map(own_rules::comparable).collect(),
        headers: evidence.headers,
    };
    own_rules::find(evidence.rules, &seen)
}

/// A record of ours, as the caller's rules see it: by its status, reason and text.
fn known_by_own_rules(evidence: &Evidence<'_>, known: &Failure) -> Failure {
    let seen = Seen {
        status: known.status,
        provider: evidence.provider,
        codes: known.reason.as_deref().into_iter().collect(),
        texts: vec![own_rules::comparable(&known.text)],
        headers: evidence.headers,
    };
    let own = own_rules::find(evidence.rules, &seen).filter(|_| known.class != Class::Aborted);
    let Some((_, then)) = own else { return known.clone() };
    let mut failure = known.clone();
    if let Some(class) = then.class {
        failure.class = class;
        failure.scope = scope::of_class(class);
        failure.rotate = scope::can_rotate(class);
    }
    ruled(failure, then, evidence.now_ms)
}

/// What the rule states beside the class.
fn ruled(mut failure: Failure, then: &Then, now_ms: i64) -> Failure {
    failure.rule = Rule::Own;
    failure.scope = then.scope.unwrap_or(failure.scope);
    failure.rotate = then.rotate.unwrap_or(failure.rotate);
    if let Some(ms) = then.retry_after_ms {
        failure.retry_after_ms = Some(ms);
        failure.reset_at = Some(now_ms.saturating_add_unsigned(ms));
        failure.source = Some(Source::OwnRule);
        failure.trust = Some(Trust::Server);
    }
    failure
}

/// A thrown error decides where no response was read; else the response does.
fn decide<'a>(evidence: &Evidence<'a>, signals: &Signals<'_>) -> (Meaning, Option<&'a str>) {
    if signals.status.is_none()
        && signals.facts.kind != Kind::Error
        && let Some(found) = thrown_codes::meaning(evidence.thrown)
    {
        return found;
    }
    let meaning = match signals.decide() {
        (Class::Unknown, _) if signals.should_retry && !signals.has_general(&[400]) => {
            (Class::Overloaded, Rule::ShouldRetry)
        }
        meaning => meaning,
    };
    (meaning, None)
}

/// What all the texts and headers state.
pub(crate) fn read_everything(evidence: &Evidence<'_>) -> (Facts, Headers) {
    let headers = headers::read(evidence.headers, evidence.model);
    (with_codes(read_texts(evidence), &headers, evidence), headers)
}

/// Codes that stand in headers, or as the name or code of a thrown error.
fn with_codes(mut facts: Facts, headers: &Headers, evidence: &Evidence<'_>) -> Facts {
    let thrown = evidence.thrown.iter().flat_map(|link| [link.code, link.name]);
    let thrown = thrown.filter(|code| codes::code(code).is_some());
    let found = headers.codes.iter().map(String::as_str).chain(thrown);
    facts.reasons.extend(found.map(|code| (Rank::Type, code.to_owned())));
    facts.reasons.sort();
    facts
}

/// The words of all texts, and of them those of the provider's own sentence: of its message, not of what it quotes.
fn words_of(facts: &Facts) -> (Words, Words) {
    let message = facts.message.as_deref();
    let own = message.filter(|_| !facts.is_of_content).map(Own::of).unwrap_or_default();
    let read = message.map(|message| Words::of_message(message, &own));
    let (mut words, own) = read.unwrap_or_default();
    facts.texts.iter().for_each(|text| words.read(text));
    (words, own)
}

/// The body first; then the message and what was thrown, which often repeat it and at times are all there is.
fn read_texts(evidence: &Evidence<'_>) -> Facts {
    let mut facts = evidence.body.map(|text| body::read(text, evidence.now_ms)).unwrap_or_default();
    if facts.kind == Kind::Error && is_refused_request(evidence.status.or(facts.code)) {
        // What repeats a refusal of the request repeats what the refusal quotes.
        return facts;
    }
    let messages = evidence.thrown.iter().map(|link| link.message);
    for text in evidence.message.into_iter().chain(messages).filter(|text| !text.is_empty()) {
        facts.merge(body::read(text.as_bytes(), evidence.now_ms));
    }
    facts
}

/// The response's own status, or the one that its body or its words name; and whether it is more than what a code stands
/// for.
fn status_of(evidence: &Evidence<'_>, facts: &Facts) -> (Option<u16>, bool) {
    let is_error = |status: &u16| (400..600).contains(status);
    let stated = evidence.status.filter(is_error).or(facts.code);
    if let Some(status) = stated.or_else(|| facts.words().find_map(spoken_status)) {
        return (Some(status), true);
    }
    let mut named = facts.reasons.iter().map(|(_, code)| code).chain(&facts.printed);
    (named.find_map(|code| codes::status(code)), false)
}

fn longest(waits: impl Iterator<Item = Stated> + Clone, now_ms: i64) -> Option<u64> {
    let support = Support { quota: true, names_window: false, takes_refills: true };
    hint::choose(waits, support, now_ms).map(|hint| hint.retry_after_ms)
}

/// The hint, where coming back later can help at all.
fn hint_for(
    (class, rule): Meaning,
    signals: &Signals<'_>,
    waits: impl Iterator<Item = Stated> + Clone,
    now_ms: i64,
) -> Option<Hint> {
    let never = matches!(class, Class::Format | Class::Aborted | Class::ModelNotFound);
    if never || rule == Rule::QuotaLimitZero {
        return None;
    }
    let support = Support {
        quota: matches!(class, Class::Quota | Class::Billing),
        names_window: signals.words.has_any(&[Word::Window, Word::ModelWindow]),
        takes_refills: matches!(class, Class::Quota | Class::Billing | Class::RateLimit),
    };
    hint::choose(waits, support, now_ms)
}

/// What the rules and the hint came to.
struct Decided<'a> {
    status: Option<u16>,
    meaning: Meaning,
    scope: Scope,
    thrown_code: Option<&'a str>,
    /// The code that has a meaning, as it was written.
    code: Option<&'a str>,
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
    let reason = decided
        .code
        .or_else(|| facts.reasons.first().map(|(_, code)| code.as_str()))
        .or(decided.thrown_code);
    let is_owners = class == Class::VerificationRequired;
    let url = facts.url.as_ref().or_else(|| facts.links.iter().min().map(|(_, url)| url));
    let url = url.filter(|_| is_owners);
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
