//! What response headers say: waits, windows that are used up, and the id to quote to support.
//!
//! Invariant: one pass, names in any case, and a value that cannot be read is as good as absent.

use super::duration;
use super::json::{self, Json};
use super::timestamp::{self, Stamp};
use crate::failure::decide::hint::{Moment, Stated, Wait};
use crate::failure::redact::identifier;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    pub(crate) waits: Vec<Stated>,
    /// A header says that a long-term allowance is used up.
    pub(crate) quota_refused: bool,
    pub(crate) trace_id: Option<String>,
}

/// Names of the id that support asks for, best first.
const TRACE_NAMES: [&str; 7] = [
    "x-cloudaicompanion-trace-id",
    "request-id",
    "x-request-id",
    "x-oai-request-id",
    "x-goog-request-id",
    "x-amzn-requestid",
    "cf-ray",
];

/// Whether [`read`] would look at a header of that name: a caller need not hand over the others.
#[must_use]
pub(crate) fn is_relevant(name: &str) -> bool {
    // Most names are settled by their first letter.
    let first = name.as_bytes().first().map(u8::to_ascii_lowercase);
    if !first.is_some_and(|first| b"xrac".contains(&first)) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    name.contains("retry-after")
        || name.contains("ratelimit")
        || name.starts_with("x-codex-")
        || TRACE_NAMES.contains(&name.as_str())
}

/// The headers that matter, of a record written as JSON: a value may be a text, a number or a list of texts, of which the
/// first counts.
#[must_use]
pub(crate) fn from_json(record: &str) -> Vec<(String, String)> {
    of_record(&json::read(record).value)
}

/// As [`from_json`], from what was read.
pub(crate) fn of_record(record: &Json<'_>) -> Vec<(String, String)> {
    let text = |value: &Json<'_>| value.list().first().unwrap_or(value).scalar().map(str::to_owned);
    let members = record.members().iter().filter(|(name, _)| is_relevant(name));
    members.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect()
}

/// Reads everything that a failure may need.
pub(crate) fn read(headers: &[(String, String)]) -> Headers {
    let lower: Vec<(String, &str)> = headers
        .iter()
        .filter(|(name, _)| is_relevant(name))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let mut read = Headers::default();
    for (name, value) in &lower {
        read.quota_refused |= refuses_quota(name, value);
        read.waits.extend(wait_of(name, value, &lower));
    }
    // Equal waits: the plainest header is the one to name.
    read.waits.sort_by_key(|stated| stated.source != "header:retry-after");
    read.trace_id = TRACE_NAMES.iter().find_map(|name| find(&lower, name).and_then(identifier));
    read
}

fn find<'a>(headers: &[(String, &'a str)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(entry, _)| entry == name).map(|(_, value)| *value)
}

/// Subscription windows: the status of the whole or of one, or a used-up percentage. What may be bought beyond the plan
/// (`overage`) is refused on most accounts, and says nothing.
fn refuses_quota(name: &str, value: &str) -> bool {
    let unified = name.starts_with("anthropic-ratelimit-unified")
        && name.ends_with("status")
        && !name.contains("overage");
    let codex = name.starts_with("x-codex-") && name.ends_with("-used-percent");
    (unified && value.eq_ignore_ascii_case("rejected"))
        || (codex && value.parse::<f64>().is_ok_and(|percent| percent >= 100.0))
}

fn wait_of(name: &str, value: &str, all: &[(String, &str)]) -> Option<Stated> {
    let stated = |wait: Option<Wait>, source| wait.map(|wait| Stated { wait, source });
    let window = |moment: Option<Moment>| moment.and_then(|moment| window(name, moment, all));
    match name {
        "retry-after" => stated(delay_or_date(value), "header:retry-after"),
        "retry-after-ms" => {
            stated(duration::millis(value).map(Wait::Relative), "header:retry-after-ms")
        }
        "x-ms-retry-after-ms" => {
            stated(duration::millis(value).map(Wait::Relative), "header:x-ms-retry-after-ms")
        }
        "x-ratelimit-reset-after" => stated(delay_or_date(value), "header:x-ratelimit-reset-after"),
        "x-ratelimit-reset-ms" => stated(millis_or_epoch(value), "header:x-ratelimit-reset-ms"),
        "x-ratelimit-reset" => stated(delay_or_date(value), "header:x-ratelimit-reset"),
        "ratelimit-reset" => stated(delay_or_date(value), "header:ratelimit-reset"),
        _ if name.starts_with("anthropic-ratelimit-") && name.ends_with("-reset") => {
            stated(window(moment(value)), "header:anthropic-ratelimit-reset")
        }
        _ if name.starts_with("x-ratelimit-reset-") => {
            stated(window(moment(value)), "header:x-ratelimit-reset")
        }
        _ if name.starts_with("x-codex-") && name.contains("-reset-") => {
            stated(window(moment(value)), "header:x-codex-reset")
        }
        _ => None,
    }
}

/// Seconds, a duration, a date or an epoch.
fn delay_or_date(value: &str) -> Option<Wait> {
    if let Some(Stamp { ms, zoned: false }) = timestamp::parse(value) {
        return Some(Wait::AtNoZone(ms));
    }
    Some(match moment(value)? {
        Moment::In(ms) => Wait::Relative(ms),
        Moment::At(at) => Wait::At(at),
    })
}

fn moment(value: &str) -> Option<Moment> {
    if let Some(at) = value.parse::<f64>().ok().and_then(timestamp::from_epoch) {
        return Some(Moment::At(at));
    }
    duration::seconds(value)
        .or_else(|| duration::parse(value))
        .map(Moment::In)
        .or_else(|| timestamp::parse(value).map(|stamp| Moment::At(stamp.ms)))
}

fn millis_or_epoch(value: &str) -> Option<Wait> {
    // As milliseconds since the epoch, anything from 1973 on; nobody waits three years.
    match value.parse::<f64>().ok()? {
        number if (1e11..1e14).contains(&number) => Some(Wait::At(number.ceil() as i64)),
        _ => duration::millis(value).map(Wait::Relative),
    }
}

/// A window counts by what its sibling header says is left: nothing left, unknown, or something left.
fn window(name: &str, moment: Moment, all: &[(String, &str)]) -> Option<Wait> {
    let sibling = |from: &str, to: &str| find(all, &name.replace(from, to));
    if name.starts_with("x-codex-") {
        let stem = name.split("-reset-").next()?;
        let used = find(all, &format!("{stem}-used-percent"))?.parse::<f64>().ok()?;
        return (used >= 100.0).then_some(Wait::Window(moment, true));
    }
    if name.contains("-overage-") {
        return None;
    }
    if let Some(status) = sibling("-reset", "-status") {
        // A window that is not refused did not cause the failure.
        return status.eq_ignore_ascii_case("rejected").then_some(Wait::Window(moment, true));
    }
    let left = sibling("-reset", "-remaining").and_then(|left| left.parse::<f64>().ok());
    Some(Wait::Window(moment, left.is_some_and(|left| left <= 0.0)))
}
