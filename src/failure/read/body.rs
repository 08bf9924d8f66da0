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
use super::own_words;
use super::plan_windows::Refused;
use crate::failure::excerpt::start_of;

/// JSON in a string in JSON: two levels are seen in the wild, one more does no harm.
const MAX_NESTING: usize = 6;
/// So many pieces of JSON between words are tried; an error is among the first.
const MAX_PIECES: usize = 16;
/// Words without JSON count up to here.
const WORDS_EXCERPT: usize = 64 * 1024;
/// Words before JSON count up to here.
const LEAD_EXCERPT: usize = 2048;

/// Reads everything that a body states.
pub(crate) fn read(body: &[u8], now_ms: i64) -> Facts {
    let mut facts = Facts::default();
    // Valid text, which most is, is checked much faster than it is repaired.
    let text = std::str::from_utf8(body).map(Cow::Borrowed);
    let mut next = Some(text.unwrap_or_else(|_| String::from_utf8_lossy(body)));
    for _ in 0..MAX_NESTING {
        let Some(text) = next else { break };
        let nested = read_level(&text, &mut facts);
        next = nested.or_else(|| facts.behind.pop()).map(Cow::Owned);
    }
    facts.finish(now_ms);
    facts
}

/// Reads one level. Returns the text that may hold the next one.
fn read_level(text: &str, facts: &mut Facts) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    // A guard that some services put before JSON.
    let text = text.strip_prefix(")]}'").unwrap_or(text).trim();
    if text.starts_with('<') {
        keep_kind(facts, Kind::Markup);
        // An edge's own page, which nobody's account has caused.
        let page = start_of(text, LEAD_EXCERPT);
        let is_edge = |title: &&&str| page.contains(**title);
        let titles = ["<title>Just a moment", "<title>Attention Required"];
        facts.add_text(titles.iter().find(is_edge).map_or("", |title| &title[7..]));
        return None;
    }
    if let Some(quoted) = whole_string(text) {
        return Some(quoted);
    }
    let is_stream = Events::begin(text);
    if !is_stream && quotes_the_request(text) {
        if facts.kind != Kind::Error {
            keep_kind(facts, Kind::Words);
            facts.message = Some(start_of(text, WORDS_EXCERPT).to_owned());
        }
        return None;
    }
    let found = if is_stream {
        Events::of(text).find_map(|data| absorb_first(&data, facts)).map(|_| (0, text.len()))
    } else {
        absorb_first(text, facts)
    };
    if let Some((start, end)) = found {
        keep_lead(&text[..start], facts);
        keep_tail(&text[end..], facts);
        let message = facts.message.as_ref().filter(|message| may_hold_an_error(message));
        return message.filter(|_| !facts.is_of_content).cloned();
    }
    if text.is_empty() {
        return None;
    }
    if facts.kind == Kind::Error {
        // The words of a service behind a gateway.
        if !is_data(text) && facts.message.as_deref() != Some(text) {
            facts.add_text(text);
        }
        return None;
    }
    if is_stream || is_data(text) {
        keep_kind(facts, Kind::Answer);
    } else {
        keep_kind(facts, Kind::Words);
        facts.message = Some(start_of(text, WORDS_EXCERPT).to_owned());
    }
    None
}

/// Whether JSON in a message is an error that somebody handed on, and not a quotation out of the request.
fn may_hold_an_error(message: &str) -> bool {
    let Some(start) = message.find('{') else { return false };
    let lead = message[..start].trim_end_matches(['[', '(']).trim_end();
    let lower = own_words::beginning(lead);
    // A service behind the one that answers is quoted in full.
    let is_handed_on =
        ["upstream", "provider", "status", "exception"].iter().any(|word| lower.contains(word));
    let is_open = |quote| lead.matches(quote).count() % 2 == 1;
    let is_quoted = lead.ends_with(['\'', '“', '«']) || is_open('"') || is_open('`');
    let is_quoted = is_quoted && !is_handed_on;
    !is_quoted && (lead.is_empty() || !own_words::speaks_of_the_request(lead))
}

/// Whether the data in a text is what a server could not parse: a part of the request, and no error.
fn quotes_the_request(text: &str) -> bool {
    let Some(start) = text.find('{').filter(|start| (1..=256).contains(start)) else {
        return false;
    };
    let lead = text[..start].trim();
    if lead.len() < "cannot parse body".len() {
        return false;
    }
    let lead = lead.to_ascii_lowercase();
    let failed = ["could not parse", "cannot parse", "failed to parse", "unable to parse"];
    let parts = ["body", "request", "input", "argument", "prompt", "tool"];
    let behind = failed.iter().find_map(|it| lead.split_once(it)).map(|(_, behind)| behind);
    // A server may fail to parse another's answer, and quotes the error that came.
    behind.is_some_and(|behind| {
        parts.iter().any(|part| behind.contains(part))
            && !["response", "upstream", "answer"].iter().any(|it| behind.contains(it))
    })
}

/// The outer level has said what the body is; a nested one only adds.
fn keep_kind(facts: &mut Facts, kind: Kind) {
    if facts.kind == Kind::Empty {
        facts.kind = kind;
    }
}

/// The words before the data name a status at times, and are the message where the data has none.
fn keep_lead(lead: &str, facts: &mut Facts) {
    let lead = start_of(lead, LEAD_EXCERPT).trim();
    match &facts.message {
        // Lines of data before an error are a model's output.
        _ if lead.is_empty() || is_data(lead) => {}
        None => facts.message = Some(lead.to_owned()),
        Some(_) => facts.add_text(lead),
    }
}

/// A gateway prints a header behind the data: "…; Retry-After: 90 seconds".
fn keep_tail(tail: &str, facts: &mut Facts) {
    let tail = start_of(tail, LEAD_EXCERPT).trim();
    if tail.starts_with([';', ',', '(', '.']) && !tail.contains(['{', '[']) {
        facts.add_text(tail);
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

/// Absorbs the first error among the JSON values in a text, and says where it began and ended. Each search begins where
/// the last value ended, so that no byte is read twice.
fn absorb_first(text: &str, facts: &mut Facts) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut tries = 0;
    while tries < MAX_PIECES {
        let start = at + text[at..].find(['{', '['])?;
        let piece = json::read(&text[start..]);
        if let Some(error) = find_error(&piece.value) {
            let wrapper = piece.value.list().first().unwrap_or(&piece.value);
            absorb_wrapper(wrapper, facts);
            facts.absorb(error);
            facts.family = wrapper_family(wrapper).or(facts.family);
            return Some((start, start + piece.used));
        }
        absorb_header_record(&piece.value, facts);
        // Of a stream of lines any may be the error, of words with data between them only the first ones.
        let is_line = text[..start].trim_end_matches([' ', '\t']).ends_with('\n') || start == 0;
        tries += usize::from(!is_line);
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
    let metadata = value.get("error").and_then(|error| error.get("metadata"));
    for metadata in [value.get("metadata"), metadata].into_iter().flatten() {
        if let Some(headers) = metadata.get("headers") {
            absorb_printed_headers(headers, facts);
        }
    }
    if let Some(metadata) = value.get("metadata") {
        facts.absorb_gateway(metadata);
    }
}

/// Headers as data or as JSON text.
fn absorb_printed_headers(headers: &Json<'_>, facts: &mut Facts) {
    match headers.text() {
        Some(text) => absorb_header_record(&json::read(text).value, facts),
        None => absorb_header_record(headers, facts),
    }
}

/// Whose numbers the codes are, by the wrapper.
fn wrapper_family(value: &Json<'_>) -> Option<&'static str> {
    if value.get("base_resp").is_some() {
        return Some("minimax");
    }
    (value.get("errors").is_some() && value.get("success").is_some()).then_some("cloudflare")
}

/// Reports print the response's headers before its body, or pack them beside the error.
fn absorb_header_record(record: &Json<'_>, facts: &mut Facts) {
    let record = headers::of_record(record);
    if record.is_empty() {
        return;
    }
    let headers = headers::read(&record, None);
    facts.waits.extend(headers.waits);
    if facts.refused == Refused::Nothing {
        facts.refused = headers.refused;
    }
    facts.trace_id = facts.trace_id.take().or(headers.trace_id);
}

/// Whether an event or a document of an answer names an error.
pub(crate) fn states_error(value: &Json<'_>) -> bool {
    let first = value.list().first().unwrap_or(value);
    stated_error(first).is_some()
}

/// Whether a value is an error, by name or by its fields.
pub(crate) fn holds_error(value: &Json<'_>) -> bool {
    find_error(value).is_some()
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
    stated_error(object).or_else(|| implied_error(object))
}

/// An object that names an error, whatever else it holds.
fn stated_error<'v, 'a>(object: &'v Json<'a>) -> Option<&'v Json<'a>> {
    if let Some(error) = object.get("error").filter(|error| is_error(error)) {
        // `{"error": "invalid_grant", "error_description": …}`: the words stand beside it.
        let beside =
            ["error_description", "code", "detail", "message", "estimated_time", "retry_after"];
        let is_code_only = error.text().is_some() && object.any(&beside).is_some();
        return Some(if is_code_only { object } else { error });
    }
    // MiniMax answers 200 whatever happened; 0 is success.
    let base = object.get("base_resp");
    let is_refusal = |base: &&Json<'_>| base.get("status_code").and_then(Json::number) != Some(0.0);
    if let Some(base) = base.filter(is_refusal) {
        return Some(base);
    }
    // A response object that failed, or a proxy's wrapper.
    ["response", "body", "data", "detail"]
        .iter()
        .find_map(|wrapper| object.get(wrapper)?.get("error").filter(|error| is_error(error)))
}

/// An object that is an error by its fields, and no answer.
fn implied_error<'v, 'a>(object: &'v Json<'a>) -> Option<&'v Json<'a>> {
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
    let says = |detail: &&Json<'_>| detail.any(&["message", "code", "type"]).is_some();
    if let Some(detail) = object.get("detail").filter(says) {
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

/// Data of another kind that happens to have a message.
fn is_record(object: &Json<'_>) -> bool {
    object.any(&["object", "role", "model", "created", "created_at", "usage"]).is_some()
}

/// An error object without a wrapper: it says what is wrong in words and in a code.
fn is_bare_error(object: &Json<'_>) -> bool {
    let words = object.any(&["message", "Message", "detail", "msg", "title"]).and_then(Json::text);
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
        "Code",
        "error_code",
    ];
    let has_details = object.get("details").is_some() && object.get("code").is_some();
    has_details || (words.is_some() && (object.any(&codes).is_some() || !is_record(object)))
}
