//! What one error object states, whichever service wrote it.
//!
//! Invariant: the order of `details[]` never matters, unknown members are passed over, and a member of the wrong type
//! is as good as absent.

use super::duration;
use super::json::Json;
use super::spoken;
use super::timestamp::{self, Stamp};
use crate::failure::decide::hint::{Moment, Stated, Wait};

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
    /// The page of the account's owner, and links that may be one.
    pub(crate) url: Option<String>,
    pub(crate) links: Vec<String>,
    pub(crate) trace_id: Option<String>,
    /// A violated limit is nothing at all.
    pub(crate) limit_zero: bool,
    /// Headers that were printed beside the error say that a long-term allowance is used up.
    pub(crate) quota_refused: bool,
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
        for (name, rank) in [
            ("code", Rank::Code),
            ("type", Rank::Type),
            ("__type", Rank::Type),
            ("error_type", Rank::Type),
            ("reasonCode", Rank::Reason),
            ("status", Rank::Status),
            ("reason", Rank::Reason),
        ] {
            self.absorb_code(error.get(name), rank);
        }
        let plain = error.get("error").and_then(Json::text);
        let is_sentence = plain.is_some_and(|plain| plain.contains(' '));
        let words = error.any(&["message", "error_description", "detail", "msg", "reasonMessage"]);
        let message = words.and_then(Json::text).or(plain.filter(|_| is_sentence));
        if let Some(message) = message {
            self.message = Some(message.to_owned());
        }
        self.absorb_code(error.get("error"), Rank::Code);
        for legacy in error.get("errors").map(Json::list).unwrap_or_default() {
            self.absorb_code(legacy.get("reason"), Rank::Legacy);
        }
        self.absorb_details(error.any(&["details", "detail"]));
        self.absorb_plain_waits(error);
    }

    /// A code is an HTTP status where it is a number of that size, and a reason where it is a name.
    fn absorb_code(&mut self, value: Option<&Json<'_>>, rank: Rank) {
        let Some(value) = value else { return };
        if let Some(number) = value.number() {
            if (400.0..600.0).contains(&number) {
                self.code = Some(number as u16);
            } else if number >= 1000.0 && rank == Rank::Code {
                // Some services number their own reasons.
                self.reasons.push((rank, value.scalar().unwrap_or_default().to_owned()));
            }
        } else if let Some(name) = value.text() {
            // A sentence in the place of a code is one more text.
            if name.len() > 128 || name.contains(' ') {
                self.texts.push(name.to_owned());
            } else {
                self.reasons.push((rank, name.to_owned()));
            }
        }
    }

    fn absorb_details(&mut self, details: Option<&Json<'_>>) {
        match details {
            Some(list @ Json::List(_)) => {
                for detail in list.list() {
                    self.absorb_detail(detail);
                }
            }
            Some(object @ Json::Object(_)) => self.absorb_detail(object),
            _ => {}
        }
    }

    /// The members tell which kind of detail it is; the type's name is not needed, and is missing at times.
    fn absorb_detail(&mut self, detail: &Json<'_>) {
        self.absorb_code(detail.get("reason"), Rank::Reason);
        if let Some(metadata) = detail.get("metadata") {
            self.absorb_metadata(metadata);
        }
        if let Some(delay) = detail.get("retryDelay").and_then(json_duration) {
            self.add_wait(Wait::Relative(delay), "retry-info");
        }
        for violation in detail.get("violations").map(Json::list).unwrap_or_default() {
            self.absorb_violation(violation);
        }
        for link in detail.get("links").map(Json::list).unwrap_or_default() {
            self.absorb_link(link);
        }
        for name in ["message", "detail"] {
            self.texts.extend(detail.get(name).and_then(Json::text).map(str::to_owned));
        }
    }

    fn absorb_metadata(&mut self, metadata: &Json<'_>) {
        let text = |name: &str| metadata.get(name).and_then(Json::scalar);
        self.models.extend(text("model").map(str::to_owned));
        for name in ["quota_limit", "quotaId", "quota_id"] {
            self.quota_ids.extend(text(name).map(str::to_owned));
        }
        self.limit_zero |= text("quota_limit_value") == Some("0");
        if let Some(delay) = metadata.get("quotaResetDelay").and_then(json_duration) {
            self.add_wait(Wait::Relative(delay), "quota-reset-delay");
        }
        if let Some(stamp) = text("quotaResetTimeStamp").and_then(timestamp::parse) {
            self.add_stamp(stamp, "quota-reset-timestamp");
        }
        for name in ["validation_url", "validation_link"] {
            if self.url.is_none() {
                self.url = text(name).filter(|url| is_url(url)).map(str::to_owned);
            }
        }
        self.texts.extend(text("validation_error_message").map(str::to_owned));
    }

    fn absorb_violation(&mut self, violation: &Json<'_>) {
        let text = |name: &str| violation.get(name).and_then(Json::scalar);
        self.quota_ids.extend(text("quotaId").map(str::to_owned));
        self.limit_zero |= text("quotaValue") == Some("0");
        self.texts.extend(text("description").map(str::to_owned));
        if let Some(dimensions) = violation.get("quotaDimensions") {
            self.models.extend(dimensions.get("model").and_then(Json::text).map(str::to_owned));
        }
    }

    /// The page to act on comes first; "learn more" pages only where there is no other.
    fn absorb_link(&mut self, link: &Json<'_>) {
        let Some(url) = link.get("url").and_then(Json::text).filter(|url| is_url(url)) else {
            return;
        };
        let about = link.get("description").and_then(Json::text).unwrap_or_default();
        if about.to_ascii_lowercase().contains("learn more") {
            self.links.push(url.to_owned());
        } else {
            self.links.insert(0, url.to_owned());
        }
    }

    /// Waits that services outside Google state beside the message.
    fn absorb_plain_waits(&mut self, error: &Json<'_>) {
        for name in ["resets_in_seconds", "retry_after", "retryAfter", "retry_after_seconds"] {
            let wait = error.get(name).and_then(Json::scalar).and_then(duration::seconds);
            self.waits.extend(
                wait.map(|ms| Stated { wait: Wait::Relative(ms), source: "body:retry-after" }),
            );
        }
        for name in ["retry_after_ms", "retryAfterMs"] {
            let wait = error.get(name).and_then(Json::scalar).and_then(duration::millis);
            self.waits.extend(
                wait.map(|ms| Stated { wait: Wait::Relative(ms), source: "body:retry-after" }),
            );
        }
        for name in ["resets_at", "reset_at", "resetsAt"] {
            let Some(value) = error.get(name) else { continue };
            let epoch = value.number().and_then(timestamp::from_epoch);
            let stamp = epoch.map(|ms| Stamp { ms, zoned: true });
            if let Some(stamp) = stamp.or_else(|| value.text().and_then(timestamp::parse)) {
                self.add_stamp(stamp, "body:resets-at");
            }
        }
    }

    fn add_wait(&mut self, wait: Wait, source: &'static str) {
        self.waits.push(Stated { wait, source });
    }

    fn add_stamp(&mut self, stamp: Stamp, source: &'static str) {
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
            Some(_) => self.texts.extend(other.message),
        }
        self.code = self.code.or(other.code);
        self.texts.extend(other.texts);
        self.reasons.extend(other.reasons);
        self.models.extend(other.models);
        self.quota_ids.extend(other.quota_ids);
        self.waits.extend(other.waits);
        self.url = self.url.take().or(other.url);
        self.links.extend(other.links);
        self.trace_id = self.trace_id.take().or(other.trace_id);
        self.limit_zero |= other.limit_zero;
        self.quota_refused |= other.quota_refused;
    }

    /// Closes the collection: reads the delays in the texts and makes the order of all lists a matter of content.
    pub(crate) fn finish(&mut self) {
        let mut spoken = Vec::new();
        for text in self.message.iter().chain(&self.texts) {
            spoken::read(text, &mut spoken);
        }
        self.waits.extend(spoken);
        self.waits.sort_by_key(|stated| (source_rank(stated.source), moment_key(stated.wait)));
        self.reasons.sort();
        self.models.sort();
        self.quota_ids.sort_by_cached_key(|id| (!is_daily(id), id.clone()));
    }

    /// All texts whose words may be read.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.message.iter().chain(&self.texts).map(String::as_str)
    }
}

/// Whether a quota's name says that it refills once a day.
pub(crate) fn is_daily(quota_id: &str) -> bool {
    let lower = quota_id.to_ascii_lowercase();
    ["perday", "per_day", "per-day", "daily"].iter().any(|mark| lower.contains(mark))
}

/// A duration in text, a bare number of seconds, or protobuf's `{seconds, nanos}`.
fn json_duration(value: &Json<'_>) -> Option<u64> {
    if let Json::Object(_) = value {
        let part = |name: &str| value.get(name).map_or(Some(0.0), Json::number);
        value.any(&["seconds", "nanos"])?;
        return duration::seconds_and_nanos(part("seconds")?, part("nanos")?);
    }
    let text = value.scalar()?;
    duration::parse(text).or_else(|| duration::seconds(text))
}

pub(crate) fn is_url(text: &str) -> bool {
    let scheme = text.starts_with("https://") || text.starts_with("http://");
    let printable = !text.contains(|letter: char| letter.is_control() || letter.is_whitespace());
    scheme && printable && text.len() <= 4096
}

/// Of equal waits the best structured source is named.
fn source_rank(source: &str) -> u8 {
    match source {
        "retry-info" => 0,
        "quota-reset-delay" => 1,
        "quota-reset-timestamp" => 2,
        "message" => 4,
        _ => 3,
    }
}

fn moment_key(wait: Wait) -> (u8, i64) {
    match wait {
        Wait::Relative(ms) | Wait::Window(Moment::In(ms), _) => (0, ms.cast_signed()),
        Wait::At(at) | Wait::AtNoZone(at) | Wait::Window(Moment::At(at), _) => (1, at),
    }
}
