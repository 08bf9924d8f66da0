//! Retry hints: which of the stated waits to believe, and how far.
//!
//! Invariant: a wait is a whole number of milliseconds, never negative, and 0 ("now") is not the same as none.
//! Relative delays come before timestamps, because the two clocks may differ. Of contradicting delays the longest
//! wins: texts are floored to seconds, and coming back too early costs a request.

use crate::failure::read::body;
use crate::failure::read::headers;
use crate::failure::record::Trust;

/// A longer wait than this needs a quota reason, or it is shortened to this.
pub(crate) const CAP_MS: u64 = 5 * 60 * 1000;
/// A longer wait than this is a fault in the text, unless a timestamp and a quota reason both say so.
pub(crate) const PLAUSIBLE_MS: u64 = 8 * 24 * 60 * 60 * 1000;
/// No quota lasts longer, whoever says so.
const LONGEST_MS: u64 = 366 * 24 * 60 * 60 * 1000;

/// A wait that was found somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) wait: Wait,
    pub(crate) source: &'static str,
}

/// The forms in which a wait is stated, in falling order of belief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Milliseconds from now.
    Relative(u64),
    /// Milliseconds since the epoch.
    At(i64),
    /// When a window refills that is known to be used up (`true`) or not known to be.
    Window(Moment, bool),
    /// A time without a zone, read as UTC.
    AtNoZone(i64),
}

/// Relative or absolute; windows are stated in both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    In(u64),
    At(i64),
}

impl Moment {
    fn wait(self, now_ms: i64) -> u64 {
        match self {
            Self::In(ms) => ms,
            Self::At(at) => u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0),
        }
    }
}

/// When to come back, as far as it is stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    pub retry_after_ms: u64,
    /// Wall clock, milliseconds since the epoch.
    pub reset_at: i64,
    pub source: &'static str,
    pub trust: Trust,
}

/// What is believed beside the numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Support {
    /// A code or the words say that a quota is used up.
    pub(crate) quota: bool,
    /// The failure is of a kind that the refill times of windows speak about.
    pub(crate) windows: bool,
}

/// Reads the hint of a response from its headers and its body.
#[must_use]
pub(crate) fn parse_hint(
    headers: &[(String, String)],
    text: Option<&[u8]>,
    now_ms: i64,
) -> Option<Hint> {
    let stated = headers::read(headers);
    let facts = text.map(body::read).unwrap_or_default();
    let quota = super::rules::names_quota(&facts) || stated.quota_refused || facts.quota_refused;
    choose(
        stated.waits.iter().chain(&facts.waits).copied(),
        Support { quota, windows: true },
        now_ms,
    )
}

/// The wait to follow.
pub(crate) fn choose(
    stated: impl Iterator<Item = Stated> + Clone,
    support: Support,
    now_ms: i64,
) -> Option<Hint> {
    let far_stamp = stated.clone().any(
        |entry| matches!(entry.wait, Wait::At(at) if Moment::At(at).wait(now_ms) > PLAUSIBLE_MS),
    );
    let best = stated
        .filter_map(|entry| {
            let (belief, moment) = weigh(entry.wait, support)?;
            let wait_ms = moment.wait(now_ms);
            let limit = if support.quota && far_stamp { LONGEST_MS } else { PLAUSIBLE_MS };
            (wait_ms <= limit).then_some((belief, wait_ms, entry))
        })
        // The first of equals stays: callers list their best source first.
        .reduce(|best, next| if (next.0, next.1) > (best.0, best.1) { next } else { best })?;
    let (_, stated_ms, entry) = best;
    let has_zone = !matches!(entry.wait, Wait::AtNoZone(_));
    let trusted = stated_ms <= CAP_MS || (support.quota && has_zone);
    let retry_after_ms = if trusted { stated_ms } else { CAP_MS };
    Some(Hint {
        retry_after_ms,
        reset_at: now_ms.saturating_add_unsigned(retry_after_ms),
        source: entry.source,
        trust: if trusted { Trust::Server } else { Trust::Capped },
    })
}

/// How much a form is believed, or `None` where it does not speak about this failure.
fn weigh(wait: Wait, support: Support) -> Option<(u8, Moment)> {
    Some(match wait {
        Wait::Relative(ms) => (4, Moment::In(ms)),
        Wait::At(at) => (3, Moment::At(at)),
        Wait::Window(..) if !support.windows => return None,
        Wait::Window(moment, true) => (2, moment),
        Wait::Window(moment, false) => (1, moment),
        Wait::AtNoZone(at) => (0, Moment::At(at)),
    })
}
