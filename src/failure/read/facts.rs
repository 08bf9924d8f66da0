//! What one error object states, whichever service wrote it.
//!
//! Invariant: the order of `details[]` never matters, unknown members are passed over, and a member of the wrong type
//! is as good as absent.

use super::json::Json;
use super::own_words;
use super::plan_windows::Refused;
use super::printed;
use super::times::spoken::Spoken;
use super::times::timestamp::Stamp;
use super::wait::{Moment, Stated, Wait};
use crate::failure::excerpt::start_of;
use crate::failure::names::Source;
use jiff::tz::TimeZone;

/// So many texts beside the message are kept; an error has three or four.
const MOST_TEXTS: usize = 64;
/// So many bytes of them.
const MOST_TEXT: usize = 64 * 1024;

/// What kind of text the body was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Empty,
    /// An error object was found.
    Error,
    /// Data without an error in it: a model's own output, whose words mean nothing here.
    Answer,
    /// A page for people: its words are not the service's.
    Markup,
    /// Plain words.
    Words,
}

/// How specific a reason code is; the most specific one is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Reason,
    Code,
    Type,
    Legacy,
    Status,
}

/// Everything that a body states, collected from its nested errors, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    /// The HTTP status that the body names.
    pub(crate) code: Option<u16>,
    pub(crate) message: Option<String>,
    /// Further texts that may hold words or delays.
    pub(crate) texts: Vec<String>,
    pub(crate) reasons: Vec<(Rank, String)>,
    pub(crate) models: Vec<String>,
    pub(crate) quota_ids: Vec<String>,
    pub(crate) waits: Vec<Stated>,
    /// Words tell a wait in hours or days.
    pub(crate) in_hours: bool,
    /// The page of the account's owner, and links that may be one.
    pub(crate) url: Option<String>,
    pub(crate) links: Vec<(u8, String)>,
    pub(crate) trace_id: Option<String>,
    /// The error names a part of the request that is wrong, so its words may be the request's.
    pub(crate) is_of_content: bool,
    /// A violated limit is nothing at all.
    pub(crate) limit_zero: bool,
    /// Headers that were printed beside the error say that a long-term allowance is used up.
    pub(crate) refused: Refused,
    /// Whose numbers the error's numeric codes are.
    pub(crate) family: Option<&'static str>,
    /// Names before a message that may be codes: "litellm.Timeout: …", "An error occurred (Throttling) …".
    pub(crate) printed: Vec<String>,
    /// Texts of an error behind this one, not read yet: a gateway hands on what it was told.
    pub(crate) behind: Vec<String>,
}

impl Facts {
    /// Adds what an error object says. A later call is a more deeply nested error, and wins.
    pub(crate) fn absorb(&mut self, error: &Json<'_>) {
        self.kind = Kind::Error;
        if let Some(text) = error.text() {
            self.message = Some(text.to_owned());
            return;
        }
        if let Json::List(_) = error {
            return self.absorb_details(Some(error));
        }
        self.family = printed::family(error).or(self.family);
        for (name, rank) in CODES {
            self.absorb_code(error.get(name), *rank);
        }
        let plain = error.get("error").and_then(Json::text);
        let is_sentence = plain.is_some_and(|plain| plain.contains(' '));
        let words = WORDS.iter().find_map(|name| error.get(name).filter(|it| it.text().is_some()));
        let message = words.and_then(Json::text).or(plain.filter(|_| is_sentence));
        if let Some(message) = message {
            self.message = Some(message.to_owned());
        }
        self.absorb_code(error.get("error"), Rank::Code);
        self.is_of_content |= names_content(error);
        for legacy in error.get("errors").map(Json::list).unwrap_or_default() {
            self.absorb_code(legacy.get("reason"), Rank::Legacy);
        }
        self.absorb_details(error.any(&["details", "detail"]));
        if let Some(inner) = error.get("innererror") {
            self.absorb_code(inner.get("code"), Rank::Reason);
        }
        if let Some(metadata) = error.get("metadata") {
            self.absorb_gateway(metadata);
        }
        self.keep_behind(error.get("raw"));
        self.absorb_wait_fields(error);
        self.keep_behind(error.get("cause"));
    }

    /// What a gateway packs beside the error of the service behind it: headers, its body as text, its own names.
    pub(crate) fn absorb_gateway(&mut self, metadata: &Json<'_>) {
        for (name, rank) in [
            ("error_type", Rank::Reason),
            ("limit_source", Rank::Reason),
            ("error_code", Rank::Reason),
        ] {
            self.absorb_code(metadata.get(name), rank);
        }
        self.absorb_wait_fields(metadata);
        if let Some(limit) = metadata.get("limitName").and_then(Json::text) {
            self.add_text(&format!("{limit} limit"));
        }
        self.keep_behind(metadata.get("raw"));
    }

    /// Remembers the error behind this one, as text or as data.
    fn keep_behind(&mut self, raw: Option<&Json<'_>>) {
        match raw {
            Some(data @ Json::Object(_)) => {
                if let Some(error) = data.get("error").filter(|error| error.is_container()) {
                    self.absorb(error);
                } else {
                    self.absorb(data);
                }
            }
            Some(raw) => self.behind.extend(raw.text().map(str::to_owned)),
            None => {}
        }
    }

    /// A code is an HTTP status where it is a number of that size, and a reason where it is a name.
    pub(super) fn absorb_code(&mut self, value: Option<&Json<'_>>, rank: Rank) {
        let Some(value) = value else { return };
        if let Some(number) = value.number() {
            if (400.0..600.0).contains(&number) {
                self.code = Some(number as u16);
            } else if number >= 17.0 && rank == Rank::Code {
                // Some services number their own reasons.
                self.reasons.push((rank, value.scalar().unwrap_or_default().to_owned()));
            }
        } else if let Some(name) = value.text() {
            // A sentence in the place of a code is one more text.
            if name.len() > 128 || name.contains(' ') {
                self.add_text(name);
            } else {
                self.reasons.push((rank, name.to_owned()));
            }
        }
    }

    /// Adds a text, as far as there is room: a body of megabytes may be made of texts.
    pub(super) fn add_text(&mut self, text: &str) {
        let used: usize = self.texts.iter().map(String::len).sum();
        let text = start_of(text, MOST_TEXT.saturating_sub(used));
        if !text.is_empty() && self.texts.len() < MOST_TEXTS {
            self.texts.push(text.to_owned());
        }
    }

    pub(super) fn add_wait(&mut self, wait: Wait, source: Source) {
        self.waits.push(Stated { wait, source });
    }

    pub(super) fn add_stamp(&mut self, stamp: Stamp, source: Source) {
        let wait = if stamp.zoned { Wait::At(stamp.ms) } else { Wait::AtNoZone(stamp.ms) };
        self.add_wait(wait, source);
    }

    /// Adds what a second text about the same failure says, behind what is known.
    pub(crate) fn merge(&mut self, other: Self) {
        if self.kind != Kind::Error && matches!(other.kind, Kind::Error | Kind::Words) {
            self.kind = other.kind;
        }
        match &self.message {
            None => self.message = other.message,
            Some(_) => other.message.iter().for_each(|text| self.add_text(text)),
        }
        self.code = self.code.or(other.code);
        other.texts.iter().for_each(|text| self.add_text(text));
        self.reasons.extend(other.reasons);
        self.models.extend(other.models);
        self.quota_ids.extend(other.quota_ids);
        self.waits.extend(other.waits);
        self.url = self.url.take().or(other.url);
        self.links.extend(other.links);
        self.trace_id = self.trace_id.take().or(other.trace_id);
        self.in_hours |= other.in_hours;
        self.is_of_content |= other.is_of_content;
        self.limit_zero |= other.limit_zero;
        self.refused = if self.refused == Refused::Nothing { other.refused } else { self.refused };
        self.family = self.family.or(other.family);
        self.printed.extend(other.printed);
    }

    /// Closes the collection: reads the delays in the texts and makes the order of all lists a matter of content.
    pub(crate) fn finish(&mut self, now_ms: i64) {
        if !self.is_of_content {
            self.find_printed_codes();
        }
        // Chinese providers print the time of Beijing without saying so.
        let is_local = self.family == Some("zai") || self.words().any(printed::has_chinese);
        let local = is_local.then(|| TimeZone::fixed(jiff::tz::offset(8)));
        let mut spoken = Spoken::default();
        self.words().for_each(|text| spoken.read(text, now_ms, local.as_ref()));
        self.waits.extend(spoken.waits);
        self.in_hours = spoken.in_hours;
        self.waits.sort_by_key(|stated| (source_rank(stated.source), moment_key(stated.wait)));
        self.reasons.sort();
        self.models.sort();
        self.quota_ids.sort_by_cached_key(|id| (!is_daily(id), id.clone()));
    }

    fn find_printed_codes(&mut self) {
        let printed = self.words().filter_map(printed::code).map(str::to_owned);
        self.printed = printed.collect();
        let found = self.message.as_deref().and_then(printed::number);
        if let Some((family, number)) = found {
            self.family = self.family.or(Some(family));
            let number = number.to_owned();
            if !self.reasons.iter().any(|(_, code)| *code == number) {
                self.reasons.push((Rank::Code, number));
            }
        }
    }

    /// All texts whose words may be read.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.message.iter().chain(&self.texts).map(String::as_str)
    }
}

/// `param: "messages[2]"` beside a code or a type that says that something is invalid.
fn names_content(error: &Json<'_>) -> bool {
    let text = |name| error.get(name).and_then(Json::text);
    let is_invalid =
        |code: &str| code.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("invalid"));
    text("param").is_some_and(own_words::speaks_of_the_request)
        && [text("code"), text("type")].into_iter().flatten().any(is_invalid)
}

/// Where codes stand, the most exact names first.
const CODES: &[(&str, Rank)] = &[
    ("code", Rank::Code),
    ("Code", Rank::Code),
    ("error_code", Rank::Code),
    ("errorCode", Rank::Code),
    ("status_code", Rank::Code),
    ("type", Rank::Type),
    ("__type", Rank::Type),
    ("error_type", Rank::Type),
    ("reasonCode", Rank::Reason),
    ("status", Rank::Status),
    ("reason", Rank::Reason),
];

/// Where words stand.
const WORDS: &[&str] = &[
    "message",
    "Message",
    "error_description",
    "detail",
    "msg",
    "status_msg",
    "error_msg",
    "errorMessage",
    "reasonMessage",
    "title",
];

/// Whether a quota's name says that it refills once a day.
pub(crate) fn is_daily(quota_id: &str) -> bool {
    let lower = quota_id.to_ascii_lowercase();
    ["perday", "per_day", "per-day", "daily"].iter().any(|mark| lower.contains(mark))
}

/// Of equal waits the best structured source is named.
fn source_rank(source: Source) -> u8 {
    match source {
        Source::RetryInfo => 0,
        Source::QuotaResetDelay => 1,
        Source::QuotaResetTimestamp => 2,
        Source::Message => 4,
        _ => 3,
    }
}

fn moment_key(wait: Wait) -> (u8, i64) {
    match wait {
        Wait::Relative(ms) | Wait::Window(Moment::In(ms), _) => (0, ms.cast_signed()),
        Wait::At(at) | Wait::AtNoZone(at) | Wait::Window(Moment::At(at), _) => (1, at),
    }
}
