use super::prefix;

/// 2026-02-02T02:40:00Z, a Monday.
const NOW: i64 = 1_770_000_000_000;

fn utc(text: &str) -> String {
    let stamp = prefix(text, NOW, None).expect("a moment");
    let moment = jiff::Timestamp::from_millisecond(stamp.ms).expect("in range");
    format!("{moment}{}", if stamp.zoned { "" } else { "?" })
}

#[test]
fn a_clock_time_is_the_next_one_in_its_zone() {
    for (text, expected) in [
        ("3pm (America/New_York)", "2026-02-02T20:00:00Z"),
        ("1am (Asia/Singapore)", "2026-02-02T17:00:00Z"),
        ("11:30pm (Europe/Berlin).", "2026-02-02T22:30:00Z"),
        ("10:57 PM GMT-3.", "2026-02-03T01:57:00Z"),
        ("09:00 UTC", "2026-02-02T09:00:00Z"),
        ("12:00 AM PST.", "2026-02-02T08:00:00Z"),
        ("5pm JST", "2026-02-02T08:00:00Z"),
        ("2:00", "2026-02-03T02:00:00Z?"),
    ] {
        assert_eq!(utc(text), expected, "{text}");
    }
}

#[test]
fn a_day_may_be_named_in_many_ways() {
    for (text, expected) in [
        ("Feb 4, 11:30am (Asia/Calcutta) · more", "2026-02-04T06:00:00Z"),
        ("Feb 7th, 2026 10:53 AM.", "2026-02-07T10:53:00Z?"),
        ("2026-03-01 at 00:00 UTC.", "2026-03-01T00:00:00Z"),
        ("2026-02-02 18:00:00 +0800 CST", "2026-02-02T10:00:00Z"),
        ("Thursday, 10:00 AM (UTC)", "2026-02-05T10:00:00Z"),
        ("Mon 12:00 AM (Asia/Tokyo)", "2026-02-08T15:00:00Z"),
        ("2026年2月3日 00:00", "2026-02-03T00:00:00Z?"),
        ("2 月 3 日 8 点", "2026-02-03T08:00:00Z?"),
        ("Jan 5 (UTC)", "2027-01-05T00:00:00Z"),
    ] {
        assert_eq!(utc(text), expected, "{text}");
    }
}

#[test]
fn numbers_and_broken_dates_are_no_moments() {
    for text in ["", "7", "limit", "2026", "25:00", "13pm", "Feb 31, 2026", "9.5", "6月"] {
        assert_eq!(prefix(text, NOW, None), None, "{text}");
    }
}
