//! Points in time as servers write them, to milliseconds since the epoch.
//!
//! Invariant: pure; a time without a zone is read as UTC and says so, because it may be half a day off.

use std::time::UNIX_EPOCH;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Larger numbers are epoch milliseconds, smaller ones epoch seconds (the year 5138 in seconds, 1973 in milliseconds).
const EPOCH_MS_FROM: f64 = 1e11;
/// Smaller numbers are relative: as epoch seconds they would lie before 2001.
const EPOCH_S_FROM: f64 = 1e9;

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) ms: i64,
    pub(crate) zoned: bool,
}

/// RFC 3339, an HTTP date, or a date and time without a zone.
pub(crate) fn parse(text: &str) -> Option<Stamp> {
    let text = text.trim();
    // No spelling of a time is longer; the parsers below never see a megabyte.
    if text.len() < 8 || text.len() > 64 {
        return None;
    }
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(Stamp { ms: ceil_ms(stamp), zoned: true });
    }
    if let Ok(date) = httpdate::parse_http_date(text) {
        let since = date.duration_since(UNIX_EPOCH).ok()?;
        return Some(Stamp { ms: i64::try_from(since.as_millis()).ok()?, zoned: true });
    }
    let stamp = text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Stamp { ms: ceil_ms(stamp), zoned: false })
}

/// A point in time at the start of free text: RFC 3339, or the same with a blank or without a zone.
pub(crate) fn prefix(text: &str) -> Option<Stamp> {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"TtZz:+-. ".contains(&byte);
    let run = text.bytes().take(40).position(|byte| !is_part(byte)).unwrap_or(text.len().min(40));
    let mut candidate = text.get(..run)?.trim_end_matches([' ', '.', ':', '-']);
    // A zone name, a dash or the next sentence may follow: give back word by word, at most four times.
    for _ in 0..4 {
        if let Some(stamp) = parse(candidate) {
            return Some(stamp);
        }
        candidate = candidate.rsplit_once(' ')?.0.trim_end_matches([' ', '.', ':', '-']);
    }
    None
}

/// A number that may be epoch seconds or epoch milliseconds; `None` when it can only be relative.
pub(crate) fn from_epoch(value: f64) -> Option<i64> {
    match value {
        _ if !(EPOCH_S_FROM..1e14).contains(&value) => None,
        _ if value >= EPOCH_MS_FROM => Some(value.ceil() as i64),
        _ => Some((value * 1000.0).ceil() as i64),
    }
}

pub(crate) fn ceil_ms(stamp: Timestamp) -> i64 {
    let nanos = stamp.as_nanosecond();
    i64::try_from(nanos.div_euclid(1_000_000) + i128::from(nanos.rem_euclid(1_000_000) > 0))
        .unwrap_or(i64::MAX)
}
