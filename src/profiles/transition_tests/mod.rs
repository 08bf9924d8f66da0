//! The transitions as a specification.

mod compatible;
mod endings;
mod history;
mod models;
mod quota;
mod safe;

use proptest::prelude::*;

use crate::failure::{Class, Scope, Trust};
use crate::profiles::booking::Report;
use crate::profiles::booking_rules::{Policy, Rules};
use crate::profiles::cooldown::{is_in_cooldown, unusable_until_for};
use crate::profiles::failure_effect::FailureFacts;
use crate::profiles::stats::{Change, Failover, Field, Slot, Success, UsageStats};
use crate::profiles::transitions;
use crate::time::WallMs;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;
const COMPATIBLE: Policy = Policy::Compatible;
const SAFE: Policy = Policy::Safe;

/// Applies changes as the file and the passed object do.
fn apply(stats: &mut UsageStats, changes: &[Change]) {
    *stats = std::mem::take(stats).after(changes);
}

fn reason(reason: &str) -> Report {
    Report { reason: Some(reason.into()), ..Report::default() }
}

fn on_model(reason_name: &str, model: &str) -> Report {
    Report { model: Some(model.into()), ..reason(reason_name) }
}

fn stated(report: Report, until: WallMs) -> Report {
    Report { resume_at: Some(until), ..report }
}

fn book(stats: &mut UsageStats, report: &Report, now: WallMs, policy: Policy) {
    let rules = Rules { policy, ..Rules::default() };
    let changes = transitions::failed(stats, &report.booking(policy, now), now, &rules);
    apply(stats, &changes);
}

fn after(reports: &[(&Report, f64)], policy: Policy) -> UsageStats {
    let mut stats = UsageStats::default();
    for (report, at) in reports {
        book(&mut stats, report, NOW + *at, policy);
    }
    stats
}

fn succeed(stats: &mut UsageStats, success: &Success, now: WallMs) -> bool {
    let (changes, kept) = transitions::used(stats, success, now);
    apply(stats, &changes);
    kept
}
