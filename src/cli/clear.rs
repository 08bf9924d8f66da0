//! `clear`: forgets errors and waits, under the host's lock.
//!
//! Invariant: every profile goes through the same locked update as a mark; nothing else of the store changes.

use std::time::Duration;

use serde_json::json;

use super::profiles::Pool;
use crate::cli::text::for_programs;
use crate::cli::text::line::{Ink, Line, render, shown};
use crate::cli::text::terminal::Look;
use crate::cli::text::time_words::left;
use crate::error::Result;
use crate::profiles::stats::{Failover, UsageStats};
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
    pub freed: Vec<String>,
    /// There was nothing to clear.
    pub unchanged: Vec<String>,
    /// The current gateway's own books still rest these, by their names and how; it clears them itself.
    pub gateway: Vec<(String, String)>,
}

/// Clears these profiles in one write. Of the current gateway's accounts those that the plugin serves are ours.
pub(crate) async fn clear(
    paths: &StorePaths,
    lock_form: LockForm,
    pool: &Pool,
    ids: Vec<String>,
) -> Result<Cleared, std::sync::Arc<crate::error::Error>> {
    // The process ends right after, and with it the flush that a relaxed write puts off.
    let options = UpdateOptions { lock_form, durability: Durability::Full };
    let gateway = of_gateway(pool, &ids);
    let is_ours = |id: &String| pool.gateway.is_none() || pool.gateway_status(id).is_some();
    let (wanted, unchanged): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| {
        let entry = pool.entries.iter().find(|entry| entry.id == *id);
        is_ours(id) && entry.is_some_and(|entry| has_something(&entry.stats))
    });
    let mut cleared = Cleared { unchanged, gateway, ..Cleared::default() };
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
            Ok(_) => cleared.freed.push(id),
            // Another process was faster.
            Err(_) => cleared.unchanged.push(id),
        }
    }
    Ok(cleared)
}

/// Which of these the gateway's own books rest, and for how long.
fn of_gateway(pool: &Pool, ids: &[String]) -> Vec<(String, String)> {
    if pool.gateway.is_none() {
        return Vec::new();
    }
    let rest = |id: &String| {
        let own = pool.entries.iter().find(|entry| entry.id == *id)?;
        let until = pool.gateway_status(id).unwrap_or(&own.status).until?;
        Some((id.clone(), left(until.since(pool.now))))
    };
    ids.iter().filter_map(rest).collect()
}

fn has_something(stats: &UsageStats) -> bool {
    stats.error_count.is_some_and(|count| count != 0.0)
        || stats.cooldown_until.is_some()
        || stats.disabled_until.is_some()
        || !stats.failure_counts.is_empty()
        || Failover { paused: None, ..stats.failover.clone() } != Failover::default()
}

impl Cleared {
    #[must_use]
    pub(crate) fn json(&self) -> String {
        let mut value = json!({ "cleared": self.freed, "unchanged": self.unchanged });
        if !self.gateway.is_empty() {
            value["gateway"] = self.gateway.iter().map(|(id, _)| id.as_str()).collect();
        }
        for_programs::pretty(&value)
    }

    #[must_use]
    pub(crate) fn text(&self, look: &Look) -> String {
        let mut lines = Vec::new();
        for id in &self.freed {
            lines
                .push(Line::of(Ink::Green, "cleared").then(Ink::Plain, format!("  {}", shown(id))));
        }
        match (self.freed.len(), self.unchanged.as_slice()) {
            (0, []) => lines.push(Line::plain("no profiles")),
            (0, [one]) => lines.push(Line::plain(format!("nothing to clear in {}", shown(one)))),
            (0, _) => lines.push(Line::plain("nothing to clear")),
            _ => {}
        }
        if !self.gateway.is_empty() {
            let rests: Vec<String> = self
                .gateway
                .iter()
                .map(|(id, left)| format!("{} for another {left}", shown(id)))
                .collect();
            let text = format!("the gateway's own books rest {}", rests.join(", "));
            lines.push(Line::of(Ink::Yellow, text));
            let text = "it has no command to clear them: they end by themselves, and with its next success";
            lines.push(Line::of(Ink::Dim, text));
        }
        render(&lines, look.has_colour)
    }
}
