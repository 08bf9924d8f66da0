//! Transitions of one profile's usage entry: used, failed, cleared.
//!
//! A transition is a list of field changes, not a new entry: fields that it does not name stay as they are,
//! whoever wrote them. The same list is applied to the file's text and to the caller's object.

use super::cooldown::{BackoffConfig, calculate_cooldown_ms};

/// The fields of `usageStats[profileId]` that the rules read. A field of a wrong type counts as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UsageStats {
    pub last_used: Option<f64>,
    pub error_count: Option<f64>,
    pub cooldown_until: Option<f64>,
    pub disabled_until: Option<f64>,
    pub disabled_reason: Option<String>,
    pub last_failure_at: Option<f64>,
    pub failure_counts: Vec<(String, f64)>,
}

/// One change of a usage entry. Existing keys keep their place, new ones go last, as with a JavaScript spread.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Number(&'static str, f64),
    Text(&'static str, &'static str),
    Drop(&'static str),
    /// Starts `failureCounts` over.
    ResetCounts,
    /// `failureCounts[reason]` becomes this.
    Count(String, f64),
}

/// A success: back to zero, `lastFailureAt` stays.
#[must_use]
pub fn used(now: f64) -> Vec<Change> {
    vec![
        Change::Number("lastUsed", now),
        Change::Number("errorCount", 0.0),
        Change::Drop("cooldownUntil"),
        Change::Drop("disabledUntil"),
        Change::Drop("disabledReason"),
        Change::Drop("failureCounts"),
    ]
}

/// A manual reset: like a success, but `lastUsed` stays.
#[must_use]
pub fn cleared() -> Vec<Change> {
    vec![
        Change::Number("errorCount", 0.0),
        Change::Drop("cooldownUntil"),
        Change::Drop("disabledUntil"),
        Change::Drop("disabledReason"),
        Change::Drop("failureCounts"),
    ]
}

/// A failure, booked as the host does: counters restart after the failure window, `billing` disables, any
/// other reason cools.
#[must_use]
pub fn failed(stats: &UsageStats, reason: &str, now: f64, config: &BackoffConfig) -> Vec<Change> {
    let window_expired = stats
        .last_failure_at
        .is_some_and(|last| last > 0.0 && now - last > config.failure_window_ms);
    let base = if window_expired { 0.0 } else { stats.error_count.unwrap_or(0.0) };
    let before = if window_expired {
        0.0
    } else {
        stats.failure_counts.iter().find(|(name, _)| name == reason).map_or(0.0, |(_, n)| *n)
    };
    let (error_count, reason_count) = (base + 1.0, before + 1.0);

    let mut changes = vec![Change::Number("errorCount", error_count)];
    if window_expired {
        changes.push(Change::ResetCounts);
    }
    changes.push(Change::Count(reason.to_owned(), reason_count));
    changes.push(Change::Number("lastFailureAt", now));
    if reason == "billing" {
        changes
            .push(Change::Number("disabledUntil", now + config.billing_disable_ms(reason_count)));
        changes.push(Change::Text("disabledReason", "billing"));
    } else {
        changes.push(Change::Number("cooldownUntil", now + calculate_cooldown_ms(error_count)));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_770_000_000_000.0;
    const DAY_MS: f64 = 86_400_000.0;

    fn after(errors: f64, last_failure_at: f64) -> UsageStats {
        UsageStats {
            error_count: Some(errors),
            last_failure_at: Some(last_failure_at),
            failure_counts: vec![("rate_limit".into(), errors)],
            ..UsageStats::default()
        }
    }

    #[test]
    fn the_first_failure_cools_one_minute() {
        assert_eq!(
            failed(&UsageStats::default(), "rate_limit", NOW, &BackoffConfig::default()),
            [
                Change::Number("errorCount", 1.0),
                Change::Count("rate_limit".into(), 1.0),
                Change::Number("lastFailureAt", NOW),
                Change::Number("cooldownUntil", NOW + 60_000.0),
            ]
        );
    }

    #[test]
    fn billing_disables_instead_of_cooling() {
        let changes = failed(&UsageStats::default(), "billing", NOW, &BackoffConfig::default());
        assert_eq!(changes[3], Change::Number("disabledUntil", NOW + 5.0 * 3_600_000.0));
        assert_eq!(changes[4], Change::Text("disabledReason", "billing"));
    }

    #[test]
    fn counters_restart_after_the_failure_window() {
        let changes =
            failed(&after(3.0, NOW - DAY_MS - 1.0), "rate_limit", NOW, &BackoffConfig::default());
        assert_eq!(changes[0], Change::Number("errorCount", 1.0));
        assert_eq!(changes[1], Change::ResetCounts);
        assert_eq!(changes[2], Change::Count("rate_limit".into(), 1.0));
    }

    #[test]
    fn counters_go_on_at_the_window_s_very_end() {
        let changes =
            failed(&after(3.0, NOW - DAY_MS), "rate_limit", NOW, &BackoffConfig::default());
        assert_eq!(changes[0], Change::Number("errorCount", 4.0));
        assert_eq!(changes[1], Change::Count("rate_limit".into(), 4.0));
    }
}
