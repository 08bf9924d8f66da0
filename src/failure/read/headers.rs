//! What response headers say: waits, windows that are used up, and the id to quote to support.
//!
//! Invariant: one pass, names in any case, and a value that cannot be read is as good as absent.

use super::json::{self, Json};
use super::plan_windows::{Refused, Told, Windows, find};
use super::times::duration;
use super::times::timestamp::{self, Stamp};
use super::wait::{Moment, Stated, Wait};
use crate::failure::names::Source;
use crate::failure::redact::identifier;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    pub(crate) waits: Vec<Stated>,
    /// Which long-term allowance is used up.
    pub(crate) refused: Refused,
    /// Error codes that stand in headers.
    pub(crate) codes: Vec<String>,
    /// The windows of the account's plan have room: what refused is none of them.
    pub(crate) has_room: bool,
    /// An edge on the way refused us, not the service.
    pub(crate) is_blocked: bool,
    /// The server says that the same request may succeed later (`x-should-retry`, as `OpenAI` and Anthropic send it).
    pub(crate) should_retry: bool,
    pub(crate) trace_id: Option<String>,
    /// Which headers say so, for people who ask.
    pub(crate) told: Vec<(String, Told)>,
}

/// Names of the id that support asks for, best first.
const TRACE_NAMES: [&str; 14] = [
    "x-cloudaicompanion-trace-id",
    "request-id",
    "x-request-id",
    "x-oai-request-id",
    "x-goog-request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "apim-request-id",
    "x-ms-request-id",
    "x-github-request-id",
    "x-dashscope-request-id",
    "msh-request-id",
    "x-tt-logid",
    "cf-ray",
];

/// Whether to send the same request again.
const RETRY_NAME: &str = "x-should-retry";

/// Headers whose value is an error code.
const CODE_NAMES: [&str; 5] = [
    "x-amzn-errortype",
    "x-ms-error-code",
    "x-codex-rate-limit-reached-type",
    "x-ratelimit-type",
    "x-ratelimit-exceeded",
];

/// A peer hands the headers of the service behind it on with this before their names.
const HANDED_ON: &str = "llm_provider-";

/// Whether [`read`] would look at a header of that name: a caller need not hand over the others.
#[must_use]
pub(crate) fn is_relevant(name: &str) -> bool {
    // Most names are settled by their first letter.
    let first = name.as_bytes().first().map(u8::to_ascii_lowercase);
    if !first.is_some_and(|first| b"xraclwm".contains(&first)) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix(HANDED_ON).unwrap_or(&name);
    name.contains("retry-after")
        || name.contains("ratelimit")
        || name.starts_with("x-codex-")
        || name.ends_with("-mitigated")
        || name == "www-authenticate"
        || name == RETRY_NAME
        || CODE_NAMES.contains(&name)
        || TRACE_NAMES.contains(&name)
}

/// The headers that matter, of a record written as JSON: a value may be a text, a number or a list of texts, of which the
/// first counts.
#[must_use]
pub(crate) fn from_json(record: &str, also: &[String]) -> Vec<(String, String)> {
    of_members(&json::read(record).value, also)
}

/// As [`from_json`], from what was read.
pub(crate) fn of_record(record: &Json<'_>) -> Vec<(String, String)> {
    of_members(record, &[])
}

/// `also` are names, in lower case, that matter to the caller's own rules.
fn of_members(record: &Json<'_>, also: &[String]) -> Vec<(String, String)> {
    let matters =
        |name: &str| is_relevant(name) || also.iter().any(|it| it.eq_ignore_ascii_case(name));
    let text = |value: &Json<'_>| value.list().first().unwrap_or(value).scalar().map(str::to_owned);
    let members = record.members().iter().filter(|(name, _)| matters(name));
    members.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect()
}

/// Reads everything that a failure may need. A window of another model than the one that was asked for says nothing.
pub(crate) fn read(headers: &[(String, String)], asked: Option<&str>) -> Headers {
    let lower: Vec<(String, &str)> = headers
        .iter()
        .filter(|(name, _)| is_relevant(name))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .map(|(name, value)| {
            (name.strip_prefix(HANDED_ON).map(str::to_owned).unwrap_or(name), value)
        })
        .collect();
    let windows = Windows::read(&lower, asked);
    let told = windows.told().map(|(name, told)| (name.to_owned(), told)).collect();
    let (refused, has_room) = (windows.refused(), windows.has_room());
    let mut read = Headers { refused, has_room, told, ..Headers::default() };
    for (name, value) in &lower {
        read.waits.extend(wait_of(name, value, &lower, &windows));
        if name.ends_with("-mitigated") {
            read.is_blocked = true;
            read.told.push((name.clone(), Told::Blocked));
        }
        if name == RETRY_NAME && value.eq_ignore_ascii_case("true") {
            read.should_retry = true;
            read.told.push((name.clone(), Told::MayRetry));
        }
        if CODE_NAMES.contains(&name.as_str()) {
            read.codes.push((*value).to_owned());
        } else if name == "www-authenticate" {
            let error = value.split("error=\"").nth(1).and_then(|rest| rest.split('"').next());
            read.codes.extend(error.map(str::to_owned));
        }
    }
    // The one in milliseconds is exact, the other is the same rounded up.
    if let Some(Wait::Relative(exact)) =
        read.waits.iter().find(|it| it.source == Source::RetryAfterMs).map(|it| it.wait)
    {
        let is_rounded =
            |wait| matches!(wait, Wait::Relative(ms) if ms == exact.div_ceil(1000) * 1000);
        read.waits.retain(|it| it.source != Source::RetryAfter || !is_rounded(it.wait));
    }
    // Equal waits: the plainest header is the one to name.
    read.waits.sort_by_key(|stated| stated.source != Source::RetryAfter);
    read.trace_id = TRACE_NAMES.iter().find_map(|name| find(&lower, name).and_then(identifier));
    read
}

fn wait_of(
    name: &str,
    value: &str,
    all: &[(String, &str)],
    windows: &Windows<'_>,
) -> Option<Stated> {
    let stated = |wait: Option<Wait>, source| wait.map(|wait| Stated { wait, source });
    let window = |moment: Option<Moment>| moment.and_then(|moment| window(name, moment, all));
    let of_plan = |moment: Option<Moment>| {
        moment.filter(|_| windows.counts(name)).map(|moment| Wait::Window(moment, true))
    };
    match name {
        "retry-after" => stated(delay_or_date(value), Source::RetryAfter),
        "retry-after-ms" => {
            stated(duration::millis(value).map(Wait::Relative), Source::RetryAfterMs)
        }
        "x-ms-retry-after-ms" => {
            stated(duration::millis(value).map(Wait::Relative), Source::XMsRetryAfterMs)
        }
        "x-ratelimit-reset-after" => stated(delay_or_date(value), Source::XRatelimitResetAfter),
        "x-ratelimit-reset-ms" => stated(millis_or_epoch(value), Source::XRatelimitResetMs),
        "x-ratelimit-reset" | "x-ratelimit-timeremaining" => {
            stated(delay_or_date(value), Source::XRatelimitReset)
        }
        "ratelimit-reset" => stated(delay_or_date(value), Source::RatelimitReset),
        "ratelimit" => stated(ietf_window(value), Source::RatelimitReset),
        _ if name.starts_with("anthropic-ratelimit-unified") && name.ends_with("-reset") => {
            stated(of_plan(moment(value)), Source::AnthropicRatelimitReset)
        }
        _ if name.starts_with("anthropic-ratelimit-") && name.ends_with("-reset") => {
            stated(window(moment(value)), Source::AnthropicRatelimitReset)
        }
        _ if name.starts_with("x-ratelimit-reset-") => {
            stated(window(moment(value)), Source::XRatelimitReset)
        }
        _ if name.starts_with("x-codex-") && name.contains("-reset-") => {
            stated(of_plan(moment(value)), Source::XCodexReset)
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

/// `"policy";r=0;t=120`: what remains, and the seconds until it refills.
fn ietf_window(value: &str) -> Option<Wait> {
    let part = |name: &str| {
        value.split([';', ',']).find_map(|part| part.trim().strip_prefix(name)?.parse::<f64>().ok())
    };
    let is_empty = part("r=").is_some_and(|left| left <= 0.0);
    let ms = duration::seconds(&part("t=")?.to_string())?;
    is_empty.then_some(Wait::Window(Moment::In(ms), true))
}

/// A window counts by what its sibling header says is left: nothing left, or unknown.
fn window(name: &str, moment: Moment, all: &[(String, &str)]) -> Option<Wait> {
    let sibling = find(all, &name.replace("-reset", "-remaining"));
    let left = sibling.and_then(|left| left.parse::<f64>().ok());
    match left {
        // A window with room did not refuse.
        Some(left) if left > 0.0 => None,
        left => Some(Wait::Window(moment, left.is_some())),
    }
}
