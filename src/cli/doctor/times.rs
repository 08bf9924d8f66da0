//! Stored times that no clock can have shown.

use std::time::Duration;

use super::finding::{Finding, Severity};
use crate::cli::profiles::Pool;
use crate::cli::text::line::shown;
use crate::cli::text::time_words::{span, stamp};
use crate::cli::text::words::argument;
use crate::store::edits::candidates::Entry;
use crate::time::WallMs;

/// Clocks of two machines on one file system differ.
const SLACK: Duration = Duration::from_mins(1);

pub(crate) fn findings(pool: &Pool) -> Vec<Finding> {
    let now = pool.now;
    pool.entries
        .iter()
        .flat_map(|entry| [future(entry, now), impossible(entry)])
        .flatten()
        .collect()
}

fn future(entry: &Entry, now: WallMs) -> Option<Finding> {
    let times = [entry.stats.last_used, entry.stats.last_failure_at];
    let latest =
        times.into_iter().flatten().filter(|at| at.as_ms().is_finite()).reduce(WallMs::later)?;
    (latest > now + SLACK).then(|| {
        let what = format!(
            "{} was last used or failed at {}, {} from now",
            shown(&entry.id),
            stamp(latest),
            span(latest.since(now))
        );
        let advice = "set the clock (date; timedatectl); if it is right, it was wrong then, and \
                      the next mark corrects it";
        Finding::new(Severity::Warning, "clock", what, advice).about([entry.id.as_str()])
    })
}

fn impossible(entry: &Entry) -> Option<Finding> {
    entry.status.has_impossible_end.then(|| {
        let what = format!("{} has a stored end that no wait can have", shown(&entry.id));
        let advice = format!(
            "it is not believed, but hosts believe it: auth-failover clear {}",
            argument(&entry.id)
        );
        Finding::new(Severity::Warning, "impossible-end", what, advice).about([entry.id.as_str()])
    })
}
