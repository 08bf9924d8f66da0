//! Retry hints: which of the stated waits to believe, and how far.
//!
//! Invariant: a wait is a whole number of milliseconds, never negative, and 0 ("now") is not the same as none.
//! Relative delays come before timestamps, because the two clocks may differ. Of contradicting delays the longest
//! wins: texts are floored to seconds, and coming back too early costs a request.

use crate::failure::names::{Source, Trust};
use crate::failure::read::wait::{Moment, Stated, Wait};

/// A longer wait than this needs a quota reason or a header that measures it, or it is shortened to this.
pub(crate) const CAP_MS: u64 = 5 * 60 * 1000;
/// A `Retry-After` header is a measurement, and so is Google's field of that meaning: it is believed so far without any
/// other words.
const HEADER_CAP_MS: u64 = 24 * 60 * 60 * 1000;
/// A moment without a zone may be half a day off: nearer ones are not worth believing.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// A longer wait than this is a fault in the text, whoever says so: the longest window of a plan is a month.
pub(crate) const PLAUSIBLE_MS: u64 = 35 * 24 * 60 * 60 * 1000;

/// When to come back, as far as it is stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    pub retry_after_ms: u64,
    /// Wall clock, milliseconds since the epoch.
    pub reset_at: i64,
    pub source: Source,
    pub trust: Trust,
}

/// What is believed beside the numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Support {
    /// A code or the words say that a quota is used up.
    pub(crate) quota: bool,
    /// A window of a plan is named: even a moment without a zone is then better than none.
    pub(crate) names_window: bool,
    /// The times at which windows refill count: the failure is a limit or a lack of money.
    pub(crate) takes_refills: bool,
}

/// The wait to follow.
pub(crate) fn choose(
    stated: impl Iterator<Item = Stated> + Clone,
    support: Support,
    now_ms: i64,
) -> Option<Hint> {
    let best = stated
        .filter_map(|entry| {
            let (belief, moment) = weigh(entry.wait, support)?;
            let wait_ms = moment.wait(now_ms);
            (wait_ms <= PLAUSIBLE_MS).then_some((belief, wait_ms, entry))
        })
        // The first of equals stays: callers list their best source first.
        .reduce(|best, next| if is_better(next, best, support) { next } else { best })?;
    let (_, stated_ms, entry) = best;
    let cap_ms = if is_measured(entry.source) { HEADER_CAP_MS } else { CAP_MS };
    let has_zone = !matches!(entry.wait, Wait::AtNoZone(_));
    let trusted = stated_ms <= cap_ms
        || (support.quota && (has_zone || (support.names_window && stated_ms > DAY_MS)));
    let retry_after_ms = if trusted { stated_ms } else { cap_ms };
    Some(Hint {
        retry_after_ms,
        reset_at: now_ms.saturating_add_unsigned(retry_after_ms),
        source: entry.source,
        trust: if trusted { Trust::Server } else { Trust::Capped },
    })
}

type Weighed = (u8, u64, Stated);

/// The form that is believed more, and of the same the longer. A window that refills later than a short delay is the one
/// that holds: who asks before is refused again.
fn is_better(next: Weighed, best: Weighed, support: Support) -> bool {
    let is_late = |one: &Weighed, other: &Weighed| {
        support.quota && one.0 >= SURE && one.1 > CAP_MS && other.1 <= CAP_MS
    };
    if is_late(&next, &best) {
        return true;
    }
    !is_late(&best, &next) && (next.0, next.1) > (best.0, best.1)
}

fn is_measured(source: Source) -> bool {
    matches!(
        source,
        Source::RetryAfter | Source::RetryAfterMs | Source::XMsRetryAfterMs | Source::RetryInfo
    )
}

/// From this belief on a wait speaks of what refused.
const SURE: u8 = 2;

/// How much a form is believed, or `None` where it does not speak about this failure.
fn weigh(wait: Wait, support: Support) -> Option<(u8, Moment)> {
    Some(match wait {
        Wait::Relative(ms) => (4, Moment::In(ms)),
        Wait::At(at) => (3, Moment::At(at)),
        Wait::Window(..) if !support.takes_refills => return None,
        Wait::Window(moment, true) => (SURE, moment),
        Wait::Window(moment, false) => (1, moment),
        Wait::AtNoZone(at) => (0, Moment::At(at)),
    })
}
