//! Windows in which a profile rests: for the account or for single models, generic or stated by the server.
//!
//! Hosts know one window and, later ones, one model for it. So one window is shown in their fields, and all
//! windows of models stand under our own key. Invariant: a window of models never becomes one of the account
//! unless a failure of the account says so, and the host's fields always show a window that really holds.

use super::booking::Booking;
use super::booking_rules::Policy;
use super::stats::{Change, Failover, Field, ModelWindow, UsageStats};
use crate::time::WallMs;

/// The end of a window that is a time and has not passed.
fn active(until: Option<WallMs>, now: WallMs) -> Option<WallMs> {
    until.filter(|until| until.is_possible() && *until > now)
}

/// The account's own window: the host's field when it names no model.
fn account_window(stats: &UsageStats) -> Option<WallMs> {
    stats.cooldown_until.filter(|_| stats.cooldown_model.is_none())
}

/// The source of a window that somebody has set: an answer that was on its way does not end it.
pub(crate) const BY_HAND: &str = "manual";

/// Whether such a window holds.
pub(crate) fn is_set_by_hand(stats: &UsageStats, now: WallMs) -> bool {
    let is_by_hand = stats.failover.source.as_deref() == Some(BY_HAND);
    is_by_hand && active(account_window(stats), now).is_some()
}

/// The windows of models that hold at `now`, one that a host wrote included.
pub(crate) fn active_models(stats: &UsageStats, now: WallMs) -> Vec<(String, ModelWindow)> {
    let mut models: Vec<_> =
        stats.failover.models.iter().filter(|(_, window)| now < window.until).cloned().collect();
    if let (Some(model), Some(until)) = (&stats.cooldown_model, active(stats.cooldown_until, now))
        && models.iter().all(|(name, _)| name != model)
    {
        let reason = stats.cooldown_reason.clone().unwrap_or_else(|| "rate_limit".to_owned());
        models.push((model.clone(), ModelWindow { until, reason, source: None }));
    }
    models
}

/// The window to show in the host's one field: the last to end, because a request without a model waits for all.
pub(crate) fn last_to_end(models: &[(String, ModelWindow)]) -> Option<(&String, &ModelWindow)> {
    models.iter().map(|(name, window)| (name, window)).max_by(|a, b| a.1.until.total_cmp(b.1.until))
}

/// The host's fields for a window.
pub(crate) const NONE_SHOWN: [Field; 3] =
    [Field::CooldownUntil, Field::CooldownReason, Field::CooldownModel];

/// A model's window in the host's fields.
pub(crate) fn shown(model: &str, window: &ModelWindow) -> Vec<Change> {
    vec![
        Change::Time(Field::CooldownUntil, window.until),
        Change::Text(Field::CooldownReason, window.reason.clone()),
        Change::Text(Field::CooldownModel, model.to_owned()),
    ]
}

/// A failure that may open a window.
pub(crate) struct Opening<'a> {
    pub booking: &'a Booking,
    /// The end where no wait was stated.
    pub generic: WallMs,
    pub now: WallMs,
    pub policy: Policy,
}

impl Opening<'_> {
    /// Where the window ends. `before` is the end of the running one; `was_stated` that a server said so. `None`: a wait of
    /// zero opens no window, and one that has ended is not kept.
    fn end(&self, before: Option<WallMs>, was_stated: bool) -> Option<WallMs> {
        let end = match (&self.booking.wait, self.policy) {
            (Some(wait), Policy::Safe) => {
                before.map_or(wait.until, |running| running.later(wait.until))
            }
            (None, Policy::Safe) => before.unwrap_or(self.generic),
            // The host sets every window anew. What a server stated is data it never has, so that one is kept.
            (wait, Policy::Compatible) => {
                let next = wait.as_ref().map_or(self.generic, |wait| wait.until);
                before.filter(|_| was_stated).map_or(next, |running| running.later(next))
            }
        };
        Some(end).filter(|end| *end > self.now)
    }

    /// Where the stated wait was found, if there is one.
    fn source(&self) -> Option<String> {
        self.booking.wait.as_ref().map(|wait| wait.source.clone())
    }
}

/// Whether the account, or the first of the booking's models, rests already.
pub(crate) fn is_resting(stats: &UsageStats, booking: &Booking, now: WallMs) -> bool {
    let Some(model) = booking.models.first() else {
        return active(account_window(stats), now).is_some();
    };
    active_models(stats, now).iter().any(|(name, _)| name == model)
}

/// Cools the account or the booking's models.
pub(crate) fn cool(stats: &UsageStats, opening: &Opening<'_>) -> Vec<Change> {
    if opening.booking.models.is_empty() {
        cool_account(stats, opening)
    } else {
        cool_models(stats, opening)
    }
}

fn cool_account(stats: &UsageStats, opening: &Opening<'_>) -> Vec<Change> {
    let Opening { booking, now, policy, .. } = *opening;
    let running = active(account_window(stats), now);
    let Some(until) = opening.end(running, stats.failover.source.is_some()) else {
        return Vec::new();
    };
    let mut changes = vec![Change::Time(Field::CooldownUntil, until)];
    let is_kept = running == Some(until);
    let source = if is_kept { stats.failover.source.clone() } else { opening.source() };
    if policy == Policy::Safe || booking.wait.is_some() || stats.cooldown_reason.is_some() {
        changes.push(Change::Text(Field::CooldownReason, booking.reason.clone()));
    }
    if stats.cooldown_model.is_some() {
        changes.push(Change::Drop(Field::CooldownModel));
    }
    let failover = Failover { source, models: active_models(stats, now), ..stats.failover.clone() };
    if failover != stats.failover {
        changes.push(Change::Failover(failover));
    }
    changes
}

fn cool_models(stats: &UsageStats, opening: &Opening<'_>) -> Vec<Change> {
    let Opening { booking, now, .. } = *opening;
    let mut models = active_models(stats, now);
    for model in &booking.models {
        let running = models.iter().position(|(name, _)| name == model);
        let before = running.map(|index| models[index].1.clone());
        let was_stated = before.as_ref().is_some_and(|window| window.source.is_some());
        let running_end = before.as_ref().map(|window| window.until);
        let Some(until) = opening.end(running_end, was_stated) else { continue };
        let source = match before {
            Some(window) if window.until == until => window.source,
            _ => opening.source(),
        };
        let window = ModelWindow { until, reason: booking.reason.clone(), source };
        match running {
            Some(index) => models[index].1 = window,
            None => models.push((model.clone(), window)),
        }
    }
    let mut changes = Vec::new();
    // A window of the whole account that still runs says more than any model's.
    if active(account_window(stats), now).is_none()
        && let Some((name, window)) = last_to_end(&models)
    {
        changes.extend(shown(name, window));
    }
    let source = active(account_window(stats), now).and_then(|_| stats.failover.source.clone());
    changes.push(Change::Failover(Failover { source, models, ..stats.failover.clone() }));
    changes
}

/// The windows of models as they were `before` a booking, as far as they still are what they were right `after` it. Empty
/// if there is nothing to take back.
pub(crate) fn taken_back(
    stats: &UsageStats,
    before: &UsageStats,
    after: &UsageStats,
) -> Vec<Change> {
    let (before, after) = (&before.failover.models, &after.failover.models);
    let is_its =
        |window: &&(String, ModelWindow)| after.contains(window) && !before.contains(window);
    let (opened, mut models): (Vec<_>, Vec<_>) =
        stats.failover.models.iter().cloned().partition(|window| is_its(&window));
    if opened.is_empty() {
        return Vec::new();
    }
    let is_back =
        |(name, _): &&(String, ModelWindow)| opened.iter().any(|(opened, _)| opened == name);
    models.extend(before.iter().filter(is_back).cloned());
    let mut changes = Vec::new();
    if account_window(stats).is_none() {
        match last_to_end(&models) {
            Some((name, window)) => changes.extend(shown(name, window)),
            None => changes.extend(NONE_SHOWN.map(Change::Drop)),
        }
    }
    changes.push(Change::Failover(Failover { models, ..stats.failover.clone() }));
    changes
}

/// Disables the account.
pub(crate) fn disable(stats: &UsageStats, opening: &Opening<'_>) -> Vec<Change> {
    let running = active(stats.disabled_until, opening.now);
    let Some(until) = opening.end(running, false) else { return Vec::new() };
    vec![
        Change::Time(Field::DisabledUntil, until),
        Change::Text(Field::DisabledReason, opening.booking.reason.clone()),
    ]
}
