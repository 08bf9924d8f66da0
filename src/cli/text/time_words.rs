//! Times as people say them, and as logs write them.

use std::time::Duration;

use crate::time::{WallMs, duration, milliseconds};

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A span in one or two units: seconds count in the last ten minutes, minutes on the last day.
#[must_use]
pub(crate) fn span(time: Duration) -> String {
    let ms = milliseconds(time);
    let two = |big: f64, big_unit: &str, small: f64, small_unit: &str| {
        let whole = (ms / big).floor();
        match ((ms - whole * big) / small).floor() {
            0.0 => format!("{whole} {big_unit}"),
            rest => format!("{whole} {big_unit} {rest} {small_unit}"),
        }
    };
    match ms {
        ms if ms < SECOND => "0 s".to_owned(),
        ms if ms < MINUTE => format!("{} s", (ms / SECOND).floor()),
        ms if ms < 10.0 * MINUTE => two(MINUTE, "min", SECOND, "s"),
        ms if ms < HOUR => format!("{} min", (ms / MINUTE).floor()),
        ms if ms < DAY => two(HOUR, "h", MINUTE, "min"),
        _ => two(DAY, "d", HOUR, "h"),
    }
}

/// How long something still lasts: rounded up, as nothing is free before its time.
#[must_use]
pub(crate) fn left(time: Duration) -> String {
    let ms = milliseconds(time);
    let unit = match ms {
        ms if ms < 10.0 * MINUTE => SECOND,
        ms if ms < DAY => MINUTE,
        _ => HOUR,
    };
    span(duration((ms / unit).ceil() * unit))
}

/// When something was, seen from `now`; the largest unit says enough.
#[must_use]
pub(crate) fn ago(at: WallMs, now: WallMs) -> String {
    let ms = now - at;
    match ms {
        ms if ms <= -MINUTE => format!("in the future by {}", span(duration(-ms))),
        ms if ms < SECOND => "just now".to_owned(),
        ms if ms < MINUTE => format!("{} s ago", (ms / SECOND).floor()),
        ms if ms < HOUR => format!("{} min ago", (ms / MINUTE).floor()),
        ms if ms < 2.0 * DAY => format!("{} h ago", (ms / HOUR).floor()),
        ms => format!("{} d ago", (ms / DAY).floor()),
    }
}

/// A time for logs and comparisons: to the second, in UTC.
#[must_use]
pub(crate) fn stamp(at: WallMs) -> String {
    jiff::Timestamp::from_millisecond(at.whole_ms())
        .map_or_else(|_| "never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// The same to the millisecond, as JavaScript's `toISOString`.
#[must_use]
pub(crate) fn iso(at: WallMs) -> String {
    jiff::Timestamp::from_millisecond(at.whole_ms())
        .map_or_else(|_| "never".to_owned(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_at_most_two_units() {
        for (ms, said) in [
            (0.0, "0 s"),
            (59_999.0, "59 s"),
            (60_000.0, "1 min"),
            (272_000.0, "4 min 32 s"),
            (12.5 * MINUTE, "12 min"),
            (HOUR, "1 h"),
            (HOUR + 12.0 * MINUTE, "1 h 12 min"),
            (2.0 * DAY + 3.5 * HOUR, "2 d 3 h"),
        ] {
            assert_eq!(span(duration(ms)), said, "{ms}");
        }
    }

    #[test]
    fn what_is_left_is_rounded_up() {
        for (ms, said) in [
            (1.0, "1 s"),
            (1_001.0, "2 s"),
            (60_000.0, "1 min"),
            (10.0 * MINUTE - 1.0, "10 min"),
            (12.5 * MINUTE, "13 min"),
            (HOUR - 1.0, "1 h"),
            (DAY + 1.0, "1 d 1 h"),
        ] {
            assert_eq!(left(duration(ms)), said, "{ms}");
        }
    }

    #[test]
    fn the_past_is_rounded_down_and_the_future_is_named() {
        for (ms, said) in [
            (0.0, "just now"),
            (-900.0, "just now"),
            (45_999.0, "45 s ago"),
            (3.9 * HOUR, "3 h ago"),
            (49.0 * HOUR, "2 d ago"),
            (-5.0 * MINUTE, "in the future by 5 min"),
        ] {
            assert_eq!(ago(WallMs::new(1e12), WallMs::new(1e12 + ms)), said, "{ms}");
        }
    }

    #[test]
    fn stamps_are_utc_and_never_panic() {
        assert_eq!(stamp(WallMs::new(1_770_000_000_000.0)), "2026-02-02 02:40:00 UTC");
        assert_eq!(iso(WallMs::new(1_770_000_000_123.0)), "2026-02-02T02:40:00.123Z");
        assert_eq!(stamp(WallMs::new(f64::INFINITY)), "never");
    }
}
