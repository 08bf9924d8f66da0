//! Waits in free text: "Your quota will reset after 1h50m21s", "Please retry in 44.09s", "resets at 2026-07-02T17:39:49Z".
//!
//! Invariant: a number counts only right after words that announce a wait.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::duration;
use super::timestamp::{self, Stamp};
use super::window::start_of;
use crate::failure::decide::hint::{Stated, Wait};

/// Longer texts are not messages.
const WINDOW: usize = 64 * 1024;

/// What may follow the words.
#[derive(Clone, Copy)]
enum Next {
    /// A duration with a unit.
    Delay,
    /// The same, or a bare number of seconds.
    Seconds,
    /// A point in time.
    Time,
    /// Epoch seconds.
    Epoch,
}

const ANNOUNCEMENTS: &[(&str, Next)] = &[
    ("reset after", Next::Delay),
    ("resets after", Next::Delay),
    ("reset in", Next::Delay),
    ("resets in", Next::Delay),
    ("retry in", Next::Delay),
    ("retry after", Next::Seconds),
    ("retry-after", Next::Seconds),
    ("retryafter", Next::Seconds),
    ("retrydelay", Next::Delay),
    ("quotaresetdelay", Next::Delay),
    ("try again in", Next::Delay),
    ("try again after", Next::Delay),
    ("available in", Next::Delay),
    ("available again in", Next::Delay),
    ("please wait", Next::Delay),
    ("wait for", Next::Delay),
    ("reset at", Next::Time),
    ("resets at", Next::Time),
    ("reset on", Next::Time),
    ("resets on", Next::Time),
    ("retry at", Next::Time),
    ("try again at", Next::Time),
    ("available at", Next::Time),
    ("access on", Next::Time),
    ("limit reached|", Next::Epoch),
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(ANNOUNCEMENTS.iter().map(|(words, _)| words))
        .expect("a constant list of short phrases compiles")
});

/// Adds every wait that the text announces.
pub(crate) fn read(text: &str, waits: &mut Vec<Stated>) {
    let text = start_of(text, WINDOW);
    for found in FINDER.find_iter(text) {
        let (_, next) = ANNOUNCEMENTS[found.pattern().as_usize()];
        waits.extend(read_next(&text[found.end()..], next));
    }
}

fn read_next(rest: &str, next: Next) -> Option<Stated> {
    let rest = skip_fillers(rest);
    let relative = |(ms, _): (u64, usize)| Stated { wait: Wait::Relative(ms), source: "message" };
    match next {
        Next::Delay => duration::prefix(rest).map(relative),
        Next::Seconds => {
            duration::prefix(rest).or_else(|| duration::seconds_prefix(rest)).map(relative)
        }
        Next::Time => timestamp::prefix(rest).map(stamped),
        Next::Epoch => {
            let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
            let ms = timestamp::from_epoch(digits.parse().ok()?)?;
            Some(stamped(Stamp { ms, zoned: true }))
        }
    }
}

fn stamped(stamp: Stamp) -> Stated {
    if stamp.zoned {
        Stated { wait: Wait::At(stamp.ms), source: "message-time" }
    } else {
        Stated { wait: Wait::AtNoZone(stamp.ms), source: "message-time-no-zone" }
    }
}

/// Quotes and separators of a field, and words such as "about".
fn skip_fillers(text: &str) -> &str {
    let mut rest = text.trim_start_matches([' ', '\t', '\n', ':', '=', '"', '\'', '\\', '~']);
    for filler in ["about ", "approximately ", "around ", "another ", "at least "] {
        rest = rest.strip_prefix(filler).unwrap_or(rest);
    }
    rest
}
