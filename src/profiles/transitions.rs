//! Transitions of one profile's usage entry: used, failed, cleared, expired.
//!
//! A transition is a list of field changes, not a new entry: fields that it does not name stay as they are,
//! whoever wrote them. The same list is applied to the file's text and to the caller's object.

use super::booking::Booking;
use super::booking_rules::{Policy, Rules};
use super::cooldown::{Ladder, calculate_cooldown_ms, stepped_cooldown_ms, unusable_until};
use super::failure_effect::{Effect, Rest};
use super::quota_ladder;
use super::stats::{Change, Failover, Field, Success, UsageStats, with_failover};
use super::status::most_counted;
use super::windows::{self, Opening};
use crate::time::WallMs;

/// Failures of one reason within this time of each other are one burst, if the caller does not say when its
/// request began.
const BURST_MS: f64 = 1_000.0;

/// The rest for faults that pass in seconds, and for unknown failures.
const SHORT_REST_MS: f64 = 5_000.0;

/// The reasons that concern the credential, not the account behind it.
const CREDENTIAL_REASONS: [&str; 2] = ["auth", "auth_permanent"];

/// A `lastFailureAt` up to this far ahead is a later booking that was written first; beyond, a clock was wrong.
const LONGEST_OVERTAKING_MS: f64 = 60_000.0;

/// A success: back to zero, `lastFailureAt` stays. The flag says that a newer cooldown was kept.
#[must_use]
pub(crate) fn used(stats: &UsageStats, success: &Success, now: WallMs) -> (Vec<Change>, bool) {
    let is_late = success
        .started_at
        .is_some_and(|began| stats.last_failure_at.is_some_and(|failed| began < failed));
    if is_late || windows::is_set_by_hand(stats, now) {
        let kept = unusable_until(stats).is_some_and(|until| now < until);
        return (vec![Change::Time(Field::LastUsed, now)], kept);
    }
    let mut changes = vec![Change::Time(Field::LastUsed, now)];
    changes.extend(reset(stats, success.model.as_deref(), now));
    (changes, false)
}

/// A request whose answer was not seen: windows and counters stay.
#[must_use]
pub(crate) fn asked(now: WallMs) -> Vec<Change> {
    vec![Change::Number(Field::LastUsed, now.as_ms())]
}

/// A manual reset: like a success, but `lastUsed` stays.
#[must_use]
pub(crate) fn cleared(stats: &UsageStats) -> Vec<Change> {
    reset(stats, None, WallMs::new(f64::INFINITY))
}

/// Zero errors and no window; those of other models than `model` stay if it is given.
fn reset(stats: &UsageStats, model: Option<&str>, now: WallMs) -> Vec<Change> {
    let mut changes = vec![Change::Number(Field::ErrorCount, 0.0)];
    let others: Vec<_> = match model {
        None => Vec::new(),
        Some(model) => windows::active_models(stats, now)
            .into_iter()
            .filter(|(name, _)| name != model)
            .collect(),
    };
    match windows::last_to_end(&others) {
        Some((name, window)) => changes.extend(windows::shown(name, window)),
        None => {
            changes.extend(windows::NONE_SHOWN.map(Change::Drop));
        }
    }
    changes.extend(
        [Field::DisabledUntil, Field::DisabledReason, Field::FailureCounts].map(Change::Drop),
    );
    let quota_steps = quota_ladder::answered(&stats.failover.quota_steps, model);
    changes.push(Change::Failover(Failover {
        source: None,
        models: others,
        quota_steps,
        refused: None,
        // Who paused it may be glad that it works, and still wants it left alone.
        paused: stats.failover.paused,
    }));
    changes
}

/// Leaves a profile alone since `since`, or no longer. Empty if that is so already.
#[must_use]
pub(crate) fn paused(stats: &UsageStats, since: Option<WallMs>) -> Vec<Change> {
    if stats.failover.paused.is_some() == since.is_some() {
        return Vec::new();
    }
    with_failover(Vec::new(), stats, |failover| failover.paused = since)
}

/// A new credential: what rested because the old one was refused is free. Money, limits and quotas are the account's,
/// whoever signs in. Empty if there is nothing to free.
#[must_use]
pub(crate) fn renewed(stats: &UsageStats) -> Vec<Change> {
    let is_refusal = |reason: &str| CREDENTIAL_REASONS.contains(&reason);
    let mut left = stats.clone();
    let mut changes = Vec::new();
    // Hosts of the January line store no reason with a cooldown.
    let cooled_for = stats.cooldown_reason.clone().or_else(|| most_counted(stats));
    if stats.cooldown_until.is_some() && cooled_for.as_deref().is_some_and(is_refusal) {
        left.cooldown_until = None;
        left.failover.source = None;
        changes.extend(windows::NONE_SHOWN.map(Change::Drop));
    }
    if stats.disabled_reason.as_deref().is_some_and(is_refusal) {
        left.disabled_until = None;
        changes.extend([Field::DisabledUntil, Field::DisabledReason].map(Change::Drop));
    }
    left.failover.models.retain(|(_, window)| !is_refusal(&window.reason));
    left.failover.refused = None;
    if left.failover != stats.failover {
        changes.push(Change::Failover(left.failover.clone()));
    }
    let (refusals, others): (Vec<_>, Vec<_>) =
        stats.failure_counts.iter().partition(|(reason, _)| is_refusal(reason));
    if others.is_empty() && !refusals.is_empty() {
        changes.push(Change::Drop(Field::FailureCounts));
    } else {
        changes.extend(refusals.iter().map(|(reason, _)| Change::Count(reason.clone(), 0.0)));
    }
    if !changes.is_empty() && unusable_until(&left).is_none() {
        changes.push(Change::Number(Field::ErrorCount, 0.0));
    }
    changes
}

/// Whether a reason speaks of a credential, and not of the account behind it.
#[must_use]
pub(crate) fn is_of_credential(reason: &str) -> bool {
    CREDENTIAL_REASONS.contains(&reason)
}

/// The changes with the credential that was refused, if this booking says that one was.
#[must_use]
pub(crate) fn with_refused(
    changes: Vec<Change>,
    stats: &UsageStats,
    reason: &str,
    credential: Option<String>,
) -> Vec<Change> {
    if changes.is_empty() || credential.is_none() || !CREDENTIAL_REASONS.contains(&reason) {
        return changes;
    }
    with_failover(changes, stats, |failover| failover.refused = credential)
}

/// Takes a booking back: windows and counters as they were `before` it, if the windows still are what they were right
/// `after`, and nothing failed since. What was counted stays counted.
#[must_use]
pub(crate) fn restored(stats: &UsageStats, before: &UsageStats, after: &UsageStats) -> Vec<Change> {
    // An answer of another model since took no window away, but it set the counters back.
    let with_counters = UsageStats {
        last_used: stats.last_used,
        error_count: stats.error_count,
        failure_counts: stats.failure_counts.clone(),
        failover: Failover { paused: stats.failover.paused, ..after.failover.clone() },
        ..after.clone()
    };
    if *stats != with_counters {
        let is_answered_since =
            stats.failure_counts.is_empty() || stats.failure_counts == after.failure_counts;
        // Another failure may rely on a window that was long enough for both.
        let has_failed_since = stats.last_failure_at != after.last_failure_at || !is_answered_since;
        return if has_failed_since {
            Vec::new()
        } else {
            windows::taken_back(stats, before, after)
        };
    }
    if before == after {
        return Vec::new();
    }
    let number = |field, value: Option<f64>| {
        value.map_or(Change::Drop(field), |value| Change::Number(field, value))
    };
    let time = |field, value: Option<WallMs>| {
        value.map_or(Change::Drop(field), |value| Change::Time(field, value))
    };
    let text = |field, value: &Option<String>| {
        value.clone().map_or(Change::Drop(field), |value| Change::Text(field, value))
    };
    let errors =
        if stats.error_count == after.error_count { before.error_count } else { stats.error_count };
    vec![
        number(Field::ErrorCount, errors),
        time(Field::LastFailureAt, before.last_failure_at),
        time(Field::CooldownUntil, before.cooldown_until),
        text(Field::CooldownReason, &before.cooldown_reason),
        text(Field::CooldownModel, &before.cooldown_model),
        Change::Failover(Failover { paused: stats.failover.paused, ..before.failover.clone() }),
    ]
}

/// Drops every window that has ended; when none is left, the counters start over (`lastFailureAt` stays).
/// Empty if there is nothing to drop.
#[must_use]
pub(crate) fn expired(stats: &UsageStats, now: WallMs) -> Vec<Change> {
    let ended =
        |until: Option<WallMs>| until.is_some_and(|until| until.is_possible() && now >= until);
    let mut changes = Vec::new();
    let (cooldown_ended, disable_ended) =
        (ended(stats.cooldown_until), ended(stats.disabled_until));
    let models: Vec<_> =
        stats.failover.models.iter().filter(|(_, window)| now < window.until).cloned().collect();
    if cooldown_ended {
        changes.extend(windows::NONE_SHOWN.map(Change::Drop));
    }
    if disable_ended {
        changes.extend([Field::DisabledUntil, Field::DisabledReason].map(Change::Drop));
    }
    if cooldown_ended || models.len() != stats.failover.models.len() {
        let source = if cooldown_ended { None } else { stats.failover.source.clone() };
        changes.push(Change::Failover(Failover {
            source,
            models: models.clone(),
            ..stats.failover.clone()
        }));
    }
    let cooldown_left = stats.cooldown_until.is_some() && !cooldown_ended;
    let disable_left = stats.disabled_until.is_some() && !disable_ended;
    if !changes.is_empty() && !cooldown_left && !disable_left && models.is_empty() {
        changes.push(Change::Number(Field::ErrorCount, 0.0));
        changes.push(Change::Drop(Field::FailureCounts));
    }
    changes
}

/// A failure, booked by the rules.
#[must_use]
pub(crate) fn failed(
    stats: &UsageStats,
    booking: &Booking,
    now: WallMs,
    rules: &Rules,
) -> Vec<Change> {
    let counters = Counters::after(stats, booking, now, rules);
    // The wait that counts: a vague one does not shorten the ladder.
    let waiting = |generic: WallMs| {
        let is_short = booking.wait.as_ref().is_some_and(|wait| wait.until < generic);
        let wait = booking.wait.clone().filter(|_| !(booking.is_ladder_least && is_short));
        Booking { wait, ..booking.clone() }
    };
    match booking.effect {
        Effect::Nothing => Vec::new(),
        Effect::Count => {
            let mut changes =
                if counters.restarted { vec![Change::ResetCounts] } else { Vec::new() };
            changes.push(Change::Count(booking.reason.clone(), counters.of_reason));
            changes
        }
        Effect::Cool => {
            let (steps, rest_ms) = match (booking.ladder, rules.ladder) {
                (Rest::Quota, _) => counters.climb(stats, booking, now),
                (Rest::Unknown, _) => (None, SHORT_REST_MS),
                // The small stretch alone would send all requests back within the same second.
                (Rest::Concurrency, _) => {
                    (None, SHORT_REST_MS + (SHORT_REST_MS * 10.0 * rules.stretch).round())
                }
                (Rest::Generic, Ladder::Classic) => (None, calculate_cooldown_ms(counters.errors)),
                (Rest::Generic, Ladder::Stepped) => (None, stepped_cooldown_ms(counters.errors)),
            };
            let generic = now + rest_ms + (rest_ms * rules.stretch).round();
            let mut changes = counters.changes(booking);
            let (booking, policy) = (&waiting(generic), rules.policy);
            changes.extend(windows::cool(stats, &Opening { booking, generic, now, policy }));
            with_steps(changes, stats, steps)
        }
        Effect::Disable => {
            let generic = now + rules.backoff.billing_disable_ms(counters.of_reason);
            let mut changes = counters.changes(booking);
            let (booking, policy) = (&waiting(generic), rules.policy);
            changes.extend(windows::disable(stats, &Opening { booking, generic, now, policy }));
            changes
        }
    }
}

/// The changes with these steps of the quota ladder.
fn with_steps(
    changes: Vec<Change>,
    stats: &UsageStats,
    steps: Option<quota_ladder::Steps>,
) -> Vec<Change> {
    let Some(steps) = steps else { return changes };
    with_failover(changes, stats, |failover| failover.quota_steps = steps)
}

/// The counters as they will be.
struct Counters {
    errors: f64,
    of_reason: f64,
    /// The last failure is so long ago that nothing of it counts.
    is_stale: bool,
    restarted: bool,
    last_failure_at: WallMs,
}

impl Counters {
    fn after(stats: &UsageStats, booking: &Booking, now: WallMs, rules: &Rules) -> Self {
        let is_stale = stats
            .last_failure_at
            .filter(|last| last.is_possible())
            .is_some_and(|last| now - last > rules.backoff.failure_window_ms);
        let has_expired =
            rules.policy == Policy::Safe && unusable_until(stats).is_some_and(|until| until <= now);
        let restarted = is_stale || has_expired;
        let before = stats.failure_counts.iter().find(|(name, _)| *name == booking.reason);
        let (errors, of_reason) = if restarted {
            (0.0, 0.0)
        } else {
            (stats.error_count.unwrap_or(0.0), before.map_or(0.0, |(_, count)| *count))
        };
        // One step for the whole burst: the second failure finds the first one's booking.
        let step = if !restarted && of_reason > 0.0 && is_same_burst(stats, booking, now, rules) {
            0.0
        } else {
            1.0
        };
        let overtook = stats.last_failure_at.filter(|last| {
            last.is_possible()
                && rules.policy == Policy::Safe
                && *last > now
                && *last - now <= LONGEST_OVERTAKING_MS
        });
        Self {
            errors: errors + step,
            of_reason: of_reason + step,
            is_stale,
            restarted,
            last_failure_at: overtook.unwrap_or(now),
        }
    }

    /// One step up the quota ladder, unless a server said how long to wait.
    fn climb(
        &self,
        stats: &UsageStats,
        booking: &Booking,
        now: WallMs,
    ) -> (Option<quota_ladder::Steps>, f64) {
        let start = quota_ladder::Steps::new();
        let before = if self.is_stale { &start } else { &stats.failover.quota_steps };
        let is_next = !windows::is_resting(stats, booking, now);
        let (steps, step) = quota_ladder::climb(before, booking, is_next);
        (booking.wait.is_none().then_some(steps), quota_ladder::rest_ms(step))
    }

    fn changes(&self, booking: &Booking) -> Vec<Change> {
        let mut changes = vec![Change::Number(Field::ErrorCount, self.errors)];
        if self.restarted {
            changes.push(Change::ResetCounts);
        }
        changes.push(Change::Count(booking.reason.clone(), self.of_reason));
        changes.push(Change::Time(Field::LastFailureAt, self.last_failure_at));
        changes
    }
}

/// Whether this failure was under way when the latest one of its reason was booked.
fn is_same_burst(stats: &UsageStats, booking: &Booking, now: WallMs, rules: &Rules) -> bool {
    let Some(last) = stats.last_failure_at.filter(|_| rules.policy == Policy::Safe) else {
        return false;
    };
    let shown = [&stats.cooldown_reason, &stats.disabled_reason];
    if !shown.into_iter().flatten().any(|reason| *reason == booking.reason) {
        return false;
    }
    match booking.started_at {
        Some(began) => began <= last,
        None => (now - last).abs() <= BURST_MS,
    }
}
