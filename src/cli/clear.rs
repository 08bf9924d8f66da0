//! `clear`: forgets errors and waits, under the host's lock.
//!
//! Invariant: every profile goes through the same locked update as a mark; nothing else of the store changes.

use std::time::Duration;

use serde_json::json;

use super::profiles::Pool;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, render, shown};
use crate::cli::text::terminal::Look;
use crate::error::Result;
use crate::profiles::stats::UsageStats;
use crate::store::edits::marks::{Documents, Event, Mark};
use crate::store::file::atomic::Durability;
use crate::store::file::commit;
use crate::store::file::lock::LockForm;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::UpdateOptions;

/// As long as a mark waits for the lock.
const WAIT: Duration = Duration::from_secs(5);

/// What became of the profiles.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cleared {
    pub cleared: Vec<String>,
    /// There was nothing to clear.
    pub unchanged: Vec<String>,
}

/// Clears these profiles in one write.
pub(crate) async fn clear(
    paths: &StorePaths,
    lock_form: LockForm,
    pool: &Pool,
    ids: Vec<String>,
) -> Result<Cleared, std::sync::Arc<crate::error::Error>> {
    // The process ends right after, and with it the flush that a relaxed write puts off.
    let options = UpdateOptions { lock_form, durability: Durability::Full };
    let (wanted, unchanged): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| {
        pool.entries.iter().any(|entry| entry.id == *id && has_something(&entry.stats))
    });
    let mut cleared = Cleared { unchanged, ..Cleared::default() };
    // All are submitted before the first answer is awaited, so that they share a write.
    let work: Vec<_> = wanted
        .into_iter()
        .map(|id| {
            let mark = Mark { profile_id: id.clone(), event: Event::Clear, now: pool.now };
            let edit = Box::new(move |documents: &mut Documents| mark.apply(documents));
            (id, commit::submit(paths.clone(), options, WAIT, edit))
        })
        .collect();
    for (id, outcome) in work {
        match outcome.await?.applied {
            Ok(_) => cleared.cleared.push(id),
            // Another process was faster.
            Err(_) => cleared.unchanged.push(id),
        }
    }
    Ok(cleared)
}

fn has_something(stats: &UsageStats) -> bool {
    stats.error_count.is_some_and(|count| count != 0.0)
        || stats.cooldown_until.is_some()
        || stats.disabled_until.is_some()
        || !stats.failure_counts.is_empty()
        || !stats.failover.is_empty()
}

impl Cleared {
    #[must_use]
    pub(crate) fn json(&self) -> String {
        for_programs::pretty(&json!({ "cleared": self.cleared, "unchanged": self.unchanged }))
    }

    #[must_use]
    pub(crate) fn text(&self, look: &Look) -> String {
        let mut lines = Vec::new();
        for id in &self.cleared {
            lines
                .push(Line::of(Ink::Green, "cleared").then(Ink::Plain, format!("  {}", shown(id))));
        }
        match (self.cleared.len(), self.unchanged.as_slice()) {
            (0, []) => lines.push(Line::plain("no profiles")),
            (0, [one]) => lines.push(Line::plain(format!("nothing to clear in {}", shown(one)))),
            (0, _) => lines.push(Line::plain("nothing to clear")),
            _ => {}
        }
        render(&lines, look.has_colour)
    }
}
