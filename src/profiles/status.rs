//! Where a profile stands and why, for people and for the choice of the next one.
//!
//! Invariant: a stored end beyond the longest possible window is a clock fault or a typing error. Such a profile rests at
//! most as long as the longest window.

use super::booking::LONGEST_WAIT_MS;
use super::cooldown::unusable_until_for;
use super::credential::Unusable;
use super::stats::UsageStats;
use crate::time::WallMs;

/// Whether a profile can be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Ready,
    Cooling,
    Disabled,
    Unusable(Unusable),
}

impl State {
    /// The public name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Cooling => "cooling",
            Self::Disabled => "disabled",
            Self::Unusable(Unusable::Paused) => "paused",
            Self::Unusable(_) => "unusable",
        }
    }
}

/// One window that holds now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Window {
    /// `None` for the whole account.
    pub model: Option<String>,
    pub until: WallMs,
    pub reason: Option<String>,
    pub source: Option<String>,
}

impl Window {
    #[must_use]
    pub(crate) fn concerns(&self, model: Option<&str>) -> bool {
        match (&self.model, model) {
            (Some(cooled), Some(asked)) => cooled == asked,
            _ => true,
        }
    }
}

/// Where a profile stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Status {
    pub state: State,
    /// When it is free again; `None` if it is free, or if time will not help.
    pub until: Option<WallMs>,
    /// Why it rests: the reason of the window that ends last.
    pub reason: Option<String>,
    pub source: Option<String>,
    /// Every window that holds now, those of other models than the one asked for included.
    pub windows: Vec<Window>,
    /// A stored end was impossibly far away.
    pub has_impossible_end: bool,
}

/// Tells where a profile stands at `now`, for one model or at all.
#[must_use]
pub(crate) fn status(
    stats: &UsageStats,
    unusable: Option<Unusable>,
    model: Option<&str>,
    now: WallMs,
) -> Status {
    let windows = windows(stats, now);
    let concerning = windows.iter().filter(|window| window.concerns(model));
    let last = concerning.max_by(|a, b| a.until.total_cmp(b.until));
    let is_disabled = believed(stats.disabled_until, stats, now)
        .is_some_and(|until| last.is_some_and(|last| last.until <= until));
    let standing = match (unusable, last) {
        (Some(why), _) => State::Unusable(why),
        (None, None) => State::Ready,
        (None, Some(_)) if is_disabled => State::Disabled,
        (None, Some(_)) => State::Cooling,
    };
    Status {
        state: standing,
        until: last.filter(|_| unusable.is_none()).map(|window| window.until),
        reason: last.and_then(|window| window.reason.clone()),
        source: last.and_then(|window| window.source.clone()),
        has_impossible_end: unusable_until_for(stats, None)
            .is_some_and(|until| until > now + LONGEST_WAIT_MS),
        windows,
    }
}

fn windows(stats: &UsageStats, now: WallMs) -> Vec<Window> {
    let mut windows = Vec::new();
    if let Some(until) = believed(stats.disabled_until, stats, now) {
        let reason = stats.disabled_reason.clone();
        windows.push(Window { model: None, until, reason, source: None });
    }
    if let Some(until) = believed(stats.cooldown_until, stats, now) {
        let model = stats.cooldown_model.clone();
        let is_listed = model.as_ref().is_some_and(|model| {
            stats.failover.models.iter().any(|(name, window)| name == model && now < window.until)
        });
        if !is_listed {
            let reason = stats.cooldown_reason.clone().or_else(|| most_counted(stats));
            let source = stats.failover.source.clone().filter(|_| model.is_none());
            windows.push(Window { model, until, reason, source });
        }
    }
    for (model, window) in &stats.failover.models {
        if let Some(until) = believed(Some(window.until), stats, now) {
            windows.push(Window {
                model: Some(model.clone()),
                until,
                reason: Some(window.reason.clone()),
                source: window.source.clone(),
            });
        }
    }
    windows
}

/// A stored end, at most the longest window after the latest failure. An impossible end without a stored failure is no
/// window.
fn believed(until: Option<WallMs>, stats: &UsageStats, now: WallMs) -> Option<WallMs> {
    let until = until.filter(|until| until.as_ms().is_finite() && *until > now)?;
    if until <= now + LONGEST_WAIT_MS {
        return Some(until);
    }
    let failed = stats.last_failure_at.filter(|at| at.as_ms() > 0.0 && *at <= now)?;
    Some(until.earlier(failed + LONGEST_WAIT_MS)).filter(|until| *until > now)
}

/// The reason that was counted most: old hosts store no reason with the window.
pub(crate) fn most_counted(stats: &UsageStats) -> Option<String> {
    let counts = stats.failure_counts.iter();
    counts.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(reason, _)| reason.clone())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::profiles::stats::{Failover, ModelWindow};

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
    const HOUR: Duration = Duration::from_hours(1);

    fn cooling(until: WallMs) -> UsageStats {
        UsageStats { cooldown_until: Some(until), ..UsageStats::default() }
    }

    #[test]
    fn a_profile_without_windows_is_ready() {
        let ready = status(&UsageStats::default(), None, None, NOW);
        assert_eq!((ready.state, ready.until), (State::Ready, None));
        assert_eq!(status(&cooling(NOW), None, None, NOW).state, State::Ready);
    }

    #[test]
    fn the_window_that_ends_last_gives_state_and_reason() {
        let mut stats = cooling(NOW + HOUR);
        stats.failure_counts = vec![("auth".into(), 1.0), ("rate_limit".into(), 3.0)];
        let cooled = status(&stats, None, None, NOW);
        assert_eq!((cooled.state, cooled.reason.as_deref()), (State::Cooling, Some("rate_limit")));
        stats.disabled_until = Some(NOW + 2 * HOUR);
        stats.disabled_reason = Some("billing".into());
        let disabled = status(&stats, None, None, NOW);
        assert_eq!(
            (disabled.state, disabled.reason.as_deref()),
            (State::Disabled, Some("billing"))
        );
        assert_eq!(disabled.windows.len(), 2);
    }

    #[test]
    fn a_model_s_window_counts_for_it_alone() {
        let window = ModelWindow { until: NOW + HOUR, reason: "rate_limit".into(), source: None };
        let stats = UsageStats {
            cooldown_model: Some("m".into()),
            failover: Failover {
                source: None,
                models: vec![("m".into(), window)],
                ..Failover::default()
            },
            ..cooling(NOW + HOUR)
        };
        assert_eq!(status(&stats, None, Some("m"), NOW).state, State::Cooling);
        assert_eq!(status(&stats, None, Some("other"), NOW).state, State::Ready);
        assert_eq!(status(&stats, None, Some("other"), NOW).windows.len(), 1);
    }

    #[test]
    fn a_broken_credential_does_not_get_better_with_time() {
        let broken = status(&cooling(NOW + HOUR), Some(Unusable::NoSecret), None, NOW);
        assert_eq!((broken.state, broken.until), (State::Unusable(Unusable::NoSecret), None));
    }

    #[test]
    fn an_impossible_end_rests_nobody_longer_than_the_longest_window() {
        let mut stats = cooling(NOW + 72 * 365 * 24 * HOUR);
        assert_eq!(status(&stats, None, None, NOW).until, None);
        assert!(status(&stats, None, None, NOW).has_impossible_end);
        stats.last_failure_at = Some(NOW - HOUR);
        assert_eq!(status(&stats, None, None, NOW).until, Some(NOW - HOUR + LONGEST_WAIT_MS));
        stats.last_failure_at = Some(NOW + -LONGEST_WAIT_MS);
        assert_eq!(status(&stats, None, None, NOW).until, None);
    }
}
