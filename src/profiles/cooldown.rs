//! How long a profile rests: the back-off ladders, and when a window counts.

use super::provider::normalize_provider_id;
use super::stats::UsageStats;
use crate::time::WallMs;

const MINUTE_MS: f64 = 60_000.0;
const HOUR_MS: f64 = 3_600_000.0;

/// 1, 5, 25, 60 minutes for the first, second, third and every later failure. `NaN` stays `NaN`.
#[must_use]
pub(crate) fn calculate_cooldown_ms(error_count: f64) -> f64 {
    // Math.max and Math.min of JavaScript pass NaN on; f64::max does not.
    if error_count.is_nan() {
        return f64::NAN;
    }
    let step = (error_count.max(1.0) - 1.0).min(3.0);
    HOUR_MS.min(MINUTE_MS * 5_f64.powf(step))
}

/// 30 seconds, 1 minute, then 5 minutes: what hosts do from 2026.3.28 on.
#[must_use]
pub(crate) fn stepped_cooldown_ms(error_count: f64) -> f64 {
    match error_count {
        n if n <= 1.0 => 30_000.0,
        n if n <= 2.0 => MINUTE_MS,
        _ => 5.0 * MINUTE_MS,
    }
}

/// Which generic back-off holds when no server states a wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Ladder {
    /// 1, 5, 25, 60 minutes.
    #[default]
    Classic,
    /// 30 seconds, 1 and 5 minutes.
    Stepped,
}

/// `cfg.auth.cooldowns`, already resolved for one provider.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "the unit is part of a number's name")]
pub(crate) struct BackoffConfig {
    pub billing_backoff_ms: f64,
    pub billing_max_ms: f64,
    pub failure_window_ms: f64,
}

impl Default for BackoffConfig {
    /// The host's defaults: 5 h, doubled with each failure up to 24 h; counters restart after 24 h.
    fn default() -> Self {
        Self::from_hours(None, None, None)
    }
}

impl BackoffConfig {
    /// Hours as configured. What is not a positive finite number falls back to the default.
    #[must_use]
    pub(crate) fn from_hours(
        billing_backoff: Option<f64>,
        billing_max: Option<f64>,
        failure_window: Option<f64>,
    ) -> Self {
        let hours = |value: Option<f64>, default: f64| {
            value.filter(|hours| hours.is_finite() && *hours > 0.0).unwrap_or(default) * HOUR_MS
        };
        Self {
            billing_backoff_ms: hours(billing_backoff, 5.0),
            billing_max_ms: hours(billing_max, 24.0),
            failure_window_ms: hours(failure_window, 24.0),
        }
    }

    /// How long the n-th billing failure disables a profile.
    #[must_use]
    pub(crate) fn billing_disable_ms(&self, billing_count: f64) -> f64 {
        let base = self.billing_backoff_ms.max(MINUTE_MS);
        let max = self.billing_max_ms.max(base);
        let doublings = (billing_count.max(1.0) - 1.0).min(10.0);
        max.min(base * 2_f64.powf(doublings))
    }
}

/// `cfg.auth.cooldowns` as the caller passed it, in hours.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CooldownSettings {
    pub billing_backoff_hours: Option<f64>,
    /// By provider as written; compared normalized, the first match counts.
    pub billing_backoff_hours_by_provider: Vec<(String, f64)>,
    pub billing_max_hours: Option<f64>,
    pub failure_window_hours: Option<f64>,
}

impl CooldownSettings {
    /// The settings that hold for one provider (normalized name).
    #[must_use]
    pub(crate) fn for_provider(&self, provider: &str) -> BackoffConfig {
        let own = self
            .billing_backoff_hours_by_provider
            .iter()
            .find(|(name, _)| normalize_provider_id(name) == provider)
            .map(|(_, hours)| *hours);
        BackoffConfig::from_hours(
            own.or(self.billing_backoff_hours),
            self.billing_max_hours,
            self.failure_window_hours,
        )
    }
}

/// The latest end of all windows, for the account or for any model, even if it has passed; `None` without any.
#[must_use]
pub(crate) fn unusable_until(stats: &UsageStats) -> Option<WallMs> {
    let models = stats.failover.models.iter().map(|(_, window)| window.until);
    [stats.cooldown_until, stats.disabled_until]
        .into_iter()
        .flatten()
        .chain(models)
        .filter(|until| until.is_possible())
        .reduce(WallMs::later)
}

/// The same for one model: windows of other models do not count. Without a model, all do.
#[must_use]
pub(crate) fn unusable_until_for(stats: &UsageStats, model: Option<&str>) -> Option<WallMs> {
    let Some(model) = model else { return unusable_until(stats) };
    let is_for_us = stats.cooldown_model.as_deref().is_none_or(|cooled| cooled == model);
    let own = stats.failover.models.iter().find(|(name, _)| name == model);
    let windows = UsageStats {
        cooldown_until: stats.cooldown_until.filter(|_| is_for_us),
        disabled_until: stats.disabled_until,
        ..UsageStats::default()
    };
    let own = own.map(|(_, window)| window.until).filter(|until| until.is_possible());
    [unusable_until(&windows), own].into_iter().flatten().reduce(WallMs::later)
}

/// Whether the profile rests at `now`, for one model or at all. A window's end itself is usable again.
#[must_use]
pub(crate) fn is_in_cooldown(stats: &UsageStats, now: WallMs, model: Option<&str>) -> bool {
    unusable_until_for(stats, model).is_some_and(|until| now < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_1_5_25_60_minutes() {
        let minutes: Vec<f64> =
            [0.0, 1.0, 2.0, 3.0, 4.0, 9.0].map(|n| calculate_cooldown_ms(n) / MINUTE_MS).into();
        assert_eq!(minutes, [1.0, 1.0, 5.0, 25.0, 60.0, 60.0]);
    }

    #[test]
    fn the_stepped_ladder_is_30_seconds_1_and_5_minutes() {
        let seconds: Vec<f64> =
            [0.0, 1.0, 2.0, 3.0, f64::NAN].map(|n| stepped_cooldown_ms(n) / 1e3).into();
        assert_eq!(seconds, [30.0, 30.0, 60.0, 300.0, 300.0]);
    }

    #[test]
    fn odd_counts_follow_javascript() {
        assert!(calculate_cooldown_ms(f64::NAN).is_nan());
        assert_eq!(calculate_cooldown_ms(-7.0), 60_000.0);
        assert_eq!(calculate_cooldown_ms(f64::INFINITY), 3_600_000.0);
        assert!((calculate_cooldown_ms(1.5) - 60_000.0 * 5_f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn billing_doubles_from_5_hours_to_24() {
        let config = BackoffConfig::default();
        let hours: Vec<f64> =
            [1.0, 2.0, 3.0, 4.0, 40.0].map(|n| config.billing_disable_ms(n) / HOUR_MS).into();
        assert_eq!(hours, [5.0, 10.0, 20.0, 24.0, 24.0]);
    }

    #[test]
    fn configured_hours_that_make_no_sense_are_ignored() {
        for bad in [Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY), None] {
            assert_eq!(BackoffConfig::from_hours(bad, bad, bad), BackoffConfig::default());
        }
    }

    #[test]
    fn a_provider_s_own_hours_beat_the_general_ones() {
        let settings = CooldownSettings {
            billing_backoff_hours: Some(2.0),
            billing_backoff_hours_by_provider: vec![(" Z.AI ".into(), 3.0)],
            ..CooldownSettings::default()
        };
        assert_eq!(settings.for_provider("zai").billing_backoff_ms, 3.0 * HOUR_MS);
        assert_eq!(settings.for_provider("other").billing_backoff_ms, 2.0 * HOUR_MS);
    }

    #[test]
    fn billing_never_rests_less_than_a_minute_nor_less_than_its_base() {
        let tiny = BackoffConfig::from_hours(Some(0.001), Some(0.0001), None);
        assert_eq!(tiny.billing_disable_ms(1.0), MINUTE_MS);
        let base_over_max = BackoffConfig::from_hours(Some(30.0), Some(1.0), None);
        assert_eq!(base_over_max.billing_disable_ms(3.0), 30.0 * HOUR_MS);
    }

    #[test]
    fn the_later_window_counts_and_its_end_is_usable() {
        let stats = UsageStats {
            cooldown_until: Some(WallMs::new(500.0)),
            disabled_until: Some(WallMs::new(900.0)),
            ..UsageStats::default()
        };
        assert_eq!(unusable_until(&stats), Some(WallMs::new(900.0)));
        assert!(is_in_cooldown(&stats, WallMs::new(899.0), None));
        assert!(!is_in_cooldown(&stats, WallMs::new(900.0), None));
    }

    #[test]
    fn windows_that_are_no_time_do_not_count() {
        for odd in [f64::NAN, f64::INFINITY, 0.0, -5.0] {
            let stats =
                UsageStats { cooldown_until: Some(WallMs::new(odd)), ..UsageStats::default() };
            assert_eq!(unusable_until(&stats), None);
        }
    }
}
