//! Waits in free text: "Your quota will reset after 1h50m21s", "Please retry in 44.09s", "resets at 2026-07-02T17:39:49Z".
//!
//! Invariant: a number counts only right after words that announce a wait.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use jiff::tz::TimeZone;

use super::clock;
use super::duration;
use super::timestamp::{self, Stamp};
use crate::failure::excerpt::{end_of, start_of};
use crate::failure::names::Source;
use crate::failure::read::wait::{Stated, Wait};

/// Longer texts are not messages.
const EXCERPT: usize = 64 * 1024;

/// What may follow the words.
#[derive(Clone, Copy)]
enum Next {
    /// A duration with a unit.
    Delay,
    /// The same, or a bare number of seconds.
    Seconds,
    /// The same, as the gateway prints a `Retry-After` header behind its message.
    Header,
    /// A bare number of milliseconds.
    Millis,
    /// A protocol buffer's text: `{ seconds: 17 }`.
    Proto,
    /// A point in time.
    Time,
    /// Epoch seconds.
    Epoch,
    /// The delay stands before the words, as in Chinese.
    Before,
}

const ANNOUNCEMENTS: &[(&str, Next)] = &[
    ("reset after", Next::Delay),
    ("resets after", Next::Delay),
    ("reset in", Next::Delay),
    ("resets in", Next::Delay),
    ("replenished in", Next::Delay),
    ("retry in", Next::Delay),
    ("retry after", Next::Seconds),
    ("retry-after:", Next::Header),
    ("retry-after", Next::Seconds),
    ("retry_after", Next::Seconds),
    ("retry-after-ms", Next::Millis),
    ("retry_after_ms", Next::Millis),
    ("retryafter", Next::Seconds),
    ("retrydelay", Next::Delay),
    ("retry_delay", Next::Proto),
    ("quotaresetdelay", Next::Delay),
    ("try again in", Next::Delay),
    ("try again after", Next::Delay),
    ("available in", Next::Delay),
    ("available again in", Next::Delay),
    ("please wait", Next::Delay),
    ("wait for", Next::Delay),
    ("wait", Next::Delay),
    ("resets", Next::Time),
    ("reset at", Next::Time),
    ("resets at", Next::Time),
    ("reset on", Next::Time),
    ("resets on", Next::Time),
    ("retry at", Next::Time),
    ("try again at", Next::Time),
    ("try again on", Next::Time),
    ("available at", Next::Time),
    ("available again at", Next::Time),
    ("access on", Next::Time),
    ("restored on", Next::Time),
    ("restored at", Next::Time),
    ("renews on", Next::Time),
    ("renews at", Next::Time),
    ("refreshes on", Next::Time),
    ("refreshes at", Next::Time),
    ("available again on", Next::Time),
    ("limit reached|", Next::Epoch),
    ("将在", Next::Time),
    ("将于", Next::Time),
    ("重置时间", Next::Time),
    ("后重试", Next::Before),
    ("后再试", Next::Before),
    ("后重置", Next::Before),
    ("后恢复", Next::Before),
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(ANNOUNCEMENTS.iter().map(|(words, _)| words))
        .expect("a constant list of short phrases compiles")
});

/// What texts announce.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) waits: Vec<Stated>,
    /// One is told in hours or days.
    pub(crate) in_hours: bool,
}

impl Spoken {
    /// Adds every wait that the text announces. `local` is the zone of stamps that name none, where the provider is
    /// known to print its own.
    pub(crate) fn read(&mut self, text: &str, now_ms: i64, local: Option<&TimeZone>) {
        let text = start_of(text, EXCERPT);
        for found in FINDER.find_iter(text) {
            let (_, next) = ANNOUNCEMENTS[found.pattern().as_usize()];
            let (before, rest) = (&text[..found.start()], skip_fillers(&text[found.end()..]));
            let wait = match next {
                Next::Delay => self.delay(rest, Source::Message),
                Next::Seconds => self.seconds(rest, Source::Message),
                Next::Header => self.seconds(rest, Source::RetryAfter),
                Next::Before => self.delay_before(before),
                Next::Millis => duration::seconds_prefix(rest)
                    .map(|(ms, _)| said(ms.div_ceil(1000), Source::Message)),
                Next::Proto => proto(rest).map(|ms| said(ms, Source::RetryInfo)),
                Next::Time => time(rest, now_ms, local).map(stamped),
                Next::Epoch => epoch(rest).map(stamped),
            };
            self.waits.extend(wait);
        }
    }

    /// A duration, also as `00:00:26` or `2.12:00:00`, or in words without a number.
    fn delay(&mut self, rest: &str, source: Source) -> Option<Stated> {
        if let Some(ms) = span(rest) {
            return Some(said(ms, source));
        }
        let in_words = WORDS.iter().find(|(words, _)| starts_with(rest, words));
        let in_words = in_words.map(|(words, ms)| (*ms, words.len()));
        let (ms, length) = in_words.or_else(|| duration::prefix(rest))?;
        self.in_hours |= counts_hours(&rest[..length]);
        Some(said(ms, source))
    }

    /// The same, or a bare number of seconds.
    fn seconds(&mut self, rest: &str, source: Source) -> Option<Stated> {
        let bare = || duration::seconds_prefix(rest).map(|(ms, _)| said(ms, source));
        self.delay(rest, source).or_else(bare)
    }

    /// The duration that a text ends with: "请在 30 秒".
    fn delay_before(&mut self, text: &str) -> Option<Stated> {
        let tail = end_of(text, 48);
        let is_start = |(at, letter): &(usize, char)| {
            letter.is_ascii_digit()
                && !tail[..*at].ends_with(|it: char| it.is_ascii_digit() || it == '.')
        };
        let starts = tail.char_indices().filter(is_start).map(|(at, _)| &tail[at..]);
        let (ms, text) =
            starts.into_iter().find_map(|text| Some((duration::parse(text)?, text)))?;
        self.in_hours |= counts_hours(text);
        Some(said(ms, Source::Message))
    }
}

fn said(ms: u64, source: Source) -> Stated {
    Stated { wait: Wait::Relative(ms), source }
}

/// Durations in words without a number.
const WORDS: [(&str, u64); 5] = [
    ("less than a minute", 60_000),
    ("a minute", 60_000),
    ("a few minutes", 180_000),
    ("an hour", 3_600_000),
    ("a day", 86_400_000),
];

/// Whether the largest unit of a duration is an hour or more.
fn counts_hours(text: &str) -> bool {
    let is_number = |letter: char| letter.is_ascii_digit() || " .".contains(letter);
    let unit = text.trim_start_matches("an ").trim_start_matches("a ");
    let unit = unit.trim_start_matches(is_number);
    unit.starts_with(['h', 'H', 'd', 'D', 'w', 'W', '天', '日', '周']) || unit.starts_with("小时")
}

fn epoch(rest: &str) -> Option<Stamp> {
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    let ms = timestamp::from_epoch(digits.parse().ok()?)?;
    Some(Stamp { ms, zoned: true })
}

fn starts_with(text: &str, words: &str) -> bool {
    text.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))
}

/// `hh:mm:ss`, with days and a full stop before it.
fn span(rest: &str) -> Option<u64> {
    let end = rest
        .bytes()
        .take(24)
        .position(|byte| !byte.is_ascii_digit() && byte != b':' && byte != b'.');
    let text = rest.get(..end.unwrap_or(rest.len().min(24)))?.trim_end_matches('.');
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse::<u64>().ok()?, clock),
        _ => (0, text),
    };
    let mut parts = clock.splitn(3, ':').map(|part| part.split('.').next()?.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let is_clock = days < 1000 && hours < 1000 && minutes < 60 && seconds < 60;
    // Only numbers that were checked are small enough to multiply.
    is_clock.then(|| (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}

/// `{ seconds: 17 nanos: 500000000 }`.
fn proto(rest: &str) -> Option<u64> {
    let inner = start_of(rest, 96).trim_start_matches(['{', ' ', '\n', '\\']);
    let inner = inner.split('}').next()?;
    let number = |name: &str| {
        let after = inner.split(name).nth(1)?.trim_start_matches([':', ' ']);
        after.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<f64>().ok()
    };
    duration::seconds_and_nanos(number("seconds")?, number("nanos").unwrap_or(0.0))
}

fn time(rest: &str, now_ms: i64, local: Option<&TimeZone>) -> Option<Stamp> {
    let exact = timestamp::prefix(rest).filter(|stamp| stamp.zoned);
    exact.or_else(|| clock::prefix(rest, now_ms, local)).or_else(|| timestamp::prefix(rest))
}

fn stamped(stamp: Stamp) -> Stated {
    if stamp.zoned {
        Stated { wait: Wait::At(stamp.ms), source: Source::MessageTime }
    } else {
        Stated { wait: Wait::AtNoZone(stamp.ms), source: Source::MessageTimeNoZone }
    }
}

/// Quotes and separators of a field, and words such as "about".
fn skip_fillers(text: &str) -> &str {
    let mut rest =
        text.trim_start_matches([' ', '\t', '\n', ':', '=', '"', '\'', '\\', '~', '：', '·']);
    for filler in ["about ", "approximately ", "around ", "another ", "at least ", "约", "at "] {
        rest = rest.strip_prefix(filler).unwrap_or(rest);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::{Spoken, Wait};

    fn spoken(text: &str) -> (Vec<Wait>, bool) {
        let mut spoken = Spoken::default();
        spoken.read(text, 0, None);
        (spoken.waits.into_iter().map(|stated| stated.wait).collect(), spoken.in_hours)
    }

    #[test]
    fn a_clock_counts_down_from_any_number_that_is_one() {
        assert_eq!(spoken("retry after 1.02:00:07").0, [Wait::Relative(93_607_000)]);
        assert_eq!(spoken("retry in 0:0:18446744073709551615").0, []);
        assert_eq!(spoken("retry in 18446744073709551615.1:00:00").0, []);
    }

    #[test]
    fn only_a_unit_of_hours_or_more_is_told_in_hours() {
        for (text, in_hours) in [
            ("resets in 3h", true),
            ("resets in 1 hour 2 minutes", true),
            ("wait a day", true),
            ("2 天后重试", true),
            ("resets in 90 minutes", false),
            ("retry after 7200", false),
            ("resets in 03:00:00", false),
        ] {
            assert_eq!(spoken(text).1, in_hours, "{text}");
        }
    }
}
