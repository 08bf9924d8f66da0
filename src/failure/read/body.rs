//! Finds the error in a body of any container.
//!
//! Invariant: linear in the body, bounded in depth, and never an error out of a model's own output.
//! Containers: an object, a list of one, JSON as a string (also inside `message`), server-sent events, JSON between
//! words, corrupted or cut JSON, markup, plain words, nothing.

use std::borrow::Cow;

use super::events::Events;
use super::facts::{Facts, Kind};
use super::headers;
use super::json::{self, Json};
use super::window::start_of;

/// JSON in a string in JSON: two levels are seen in the wild, one more does no harm.
const MAX_NESTING: usize = 4;
/// So many pieces of JSON between words are tried; an error is among the first.
const MAX_PIECES: usize = 16;
/// Words without JSON count up to here.
const WORDS_WINDOW: usize = 64 * 1024;
/// Words before JSON count up to here.
const LEAD_WINDOW: usize = 2048;

/// Reads everything that a body states.
pub(crate) fn read(body: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let mut text = String::from_utf8_lossy(body);
    for _ in 0..MAX_NESTING {
        let Some(nested) = read_level(&text, &mut facts) else { break };
        text = Cow::Owned(nested);
    }
    facts.finish();
    facts
}

/// Reads one level. Returns the text that may hold the next one.
fn read_level(text: &str, facts: &mut Facts) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    // A guard that some services put before JSON.
    let text = text.strip_prefix(")]}'").unwrap_or(text).trim();
    if text.starts_with('<') {
        keep_kind(facts, Kind::Markup);
        return None;
    }
    if let Some(quoted) = whole_string(text) {
        return Some(quoted);
    }
    let is_stream = Events::begin(text);
    let found = if is_stream {
        Events::of(text).find_map(|data| absorb_first(&data, facts)).map(|_| 0)
    } else {
        absorb_first(text, facts)
    };
    if let Some(start) = found {
        keep_lead(&text[..start], facts);
        return facts.message.clone().filter(|message| message.contains('{'));
    }
    if facts.kind == Kind::Error || text.is_empty() {
        return None;
    }
    if is_stream || is_data(text) {
        keep_kind(facts, Kind::Answer);
    } else {
        keep_kind(facts, Kind::Words);
        facts.message = Some(start_of(text, WORDS_WINDOW).to_owned());
    }
    None
}

/// The outer level has said what the body is; a nested one only adds.
fn keep_kind(facts: &mut Facts, kind: Kind) {
    if facts.kind == Kind::Empty {
        facts.kind = kind;
    }
}

/// The words before the data name a status at times, and are the message where the data has none.
fn keep_lead(lead: &str, facts: &mut Facts) {
    let lead = start_of(lead, LEAD_WINDOW).trim();
    match &facts.message {
        _ if lead.is_empty() => {}
        None => facts.message = Some(lead.to_owned()),
        Some(_) => facts.texts.push(lead.to_owned()),
    }
}

/// Whether a text is data, and not words in brackets: "[429 Too Many Requests] …".
fn is_data(text: &str) -> bool {
    if !text.starts_with(['{', '[']) {
        return false;
    }
    let first = json::read(text).value;
    !first.members().is_empty() || first.list().iter().any(Json::is_container)
}

/// The content of a body that is one JSON string.
fn whole_string(text: &str) -> Option<String> {
    if !text.starts_with('"') || !text.ends_with('"') {
        return None;
    }
    let piece = json::read(text);
    match piece.value {
        Json::Text(content) if piece.used == text.len() => Some(content.into_owned()),
        _ => None,
    }
}

/// Absorbs the first error among the JSON values in a text, and says where it began. Each search begins where the last
/// value ended, so that no byte is read twice.
fn absorb_first(text: &str, facts: &mut Facts) -> Option<usize> {
    let mut at = 0;
    for _ in 0..MAX_PIECES {
        let start = at + text[at..].find(['{', '['])?;
        let piece = json::read(&text[start..]);
        if let Some(error) = find_error(&piece.value) {
            absorb_wrapper(&piece.value, facts);
            facts.absorb(error);
            return Some(start);
        }
        absorb_header_record(&piece.value, facts);
        // What follows a broken answer may be the inside of a string: a model's words.
        if !piece.whole && is_answer(&piece.value) {
            return None;
        }
        at = start + piece.used.max(1);
    }
    None
}

/// What stands beside an error object; the error's own members win.
fn absorb_wrapper(value: &Json<'_>, facts: &mut Facts) {
    if let Some(id) = value.any(&["request_id", "requestId"]).and_then(Json::text) {
        facts.trace_id = Some(id.to_owned());
    }
    let status = value.any(&["status_code", "statusCode"]).and_then(Json::number);
    if let Some(status) = status.filter(|status| (400.0..600.0).contains(status)) {
        facts.code = Some(status as u16);
    }
    if let Some(headers) = value.get("headers") {
        absorb_header_record(headers, facts);
    }
}

/// Reports print the response's headers before its body, or pack them beside the error.
fn absorb_header_record(record: &Json<'_>, facts: &mut Facts) {
    let headers = headers::read(&headers::of_record(record));
    facts.waits.extend(headers.waits);
    facts.quota_refused |= headers.quota_refused;
    facts.trace_id = facts.trace_id.take().or(headers.trace_id);
}

/// The error object in a value, if it holds one.
fn find_error<'v, 'a>(value: &'v Json<'a>) -> Option<&'v Json<'a>> {
    match value {
        // A client's text ends with the list of details alone.
        Json::List(items) if items.iter().any(|item| item.get("@type").is_some()) => Some(value),
        Json::List(items) => items.iter().find_map(|item| match item {
            Json::Object(_) => find_in_object(item),
            _ => None,
        }),
        Json::Object(_) => find_in_object(value),
        _ => None,
    }
}

fn find_in_object<'v, 'a>(object: &'v Json<'a>) -> Option<&'v Json<'a>> {
    if let Some(error) = object.get("error").filter(|error| is_error(error)) {
        // `{"error": "invalid_grant", "error_description": …}`: the words stand beside it.
        let beside = ["error_description", "code", "detail", "message"];
        let is_code_only = error.text().is_some() && object.any(&beside).is_some();
        return Some(if is_code_only { object } else { error });
    }
    // A response object that failed, or a proxy's wrapper.
    for wrapper in ["response", "body", "data", "detail"] {
        let inner = object.get(wrapper).and_then(|inner| inner.get("error"));
        if let Some(error) = inner.filter(|error| is_error(error)) {
            return Some(error);
        }
    }
    if is_answer(object) {
        return None;
    }
    let first = object.get("errors").and_then(|errors| errors.list().first());
    if let Some(first) = first.filter(|first| first.get("message").is_some()) {
        return Some(first);
    }
    // The answer to a question for the account's tier, where no tier is left.
    let tiers = object.get("ineligibleTiers").filter(|_| object.get("currentTier").is_none());
    if let Some(tier) = tiers.and_then(|tiers| tiers.list().first()) {
        return Some(tier);
    }
    if let Some(detail) = object.get("detail").filter(|detail| detail.get("message").is_some()) {
        return Some(detail);
    }
    is_bare_error(object).then_some(object)
}

fn is_error(value: &Json<'_>) -> bool {
    value.text().is_some() || !value.members().is_empty()
}

/// A model's output, whole or in chunks, of any service.
fn is_answer(value: &Json<'_>) -> bool {
    let first = value.list().first().unwrap_or(value);
    ["candidates", "choices", "content", "output", "delta", "response", "message.content"]
        .iter()
        .any(|name| first.get(name).is_some_and(Json::is_container))
}

/// An error object without a wrapper: it says what is wrong in words and in a code.
fn is_bare_error(object: &Json<'_>) -> bool {
    let words = object.any(&["message", "detail", "msg"]).and_then(Json::text);
    let codes = [
        "code",
        "status",
        "statusCode",
        "details",
        "type",
        "reason",
        "@type",
        "__type",
        "retry_after",
    ];
    let has_details = object.get("details").is_some() && object.get("code").is_some();
    has_details
        || (words.is_some() && (object.any(&codes).is_some() || object.members().len() <= 2))
}
