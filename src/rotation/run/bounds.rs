//! The bounds of a run: attempts, attempts without an answer, and time spent waiting.

use std::time::Duration;

use crate::failure::{Class, Failure};
use crate::time::WallMs;

/// How long a run waits in all: for the verdicts of probes, and for an endpoint that rests.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What the caller sets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How often a profile is asked at most.
    pub max_attempts: Option<usize>,
    /// How many of these attempts the endpoint may leave without an answer.
    pub endpoint_attempts: usize,
    /// How many of those may run into a time limit: they have already cost the caller much time.
    pub timeout_attempts: usize,
    /// An answer that had begun may be asked for again.
    pub may_replay: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_attempts: None, endpoint_attempts: 3, timeout_attempts: 2, may_replay: false }
    }
}

/// How often the endpoint left a run without an answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EndpointFaults {
    pub(super) count: usize,
    timeouts: usize,
}

impl EndpointFaults {
    pub(super) fn add(&mut self, failure: &Failure) {
        self.count += 1;
        self.timeouts += usize::from(failure.class == Class::Timeout);
    }

    /// The endpoint is not asked again for this run.
    #[must_use]
    pub(super) fn are_too_many(self, limits: &Limits) -> bool {
        self.count >= limits.endpoint_attempts || self.timeouts >= limits.timeout_attempts
    }
}

/// How long a run still waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    left: Duration,
    /// It waits since then.
    since: Option<WallMs>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { left: LONGEST_WAIT, since: None }
    }
}

impl Patience {
    /// Until when a wait that begins now may last.
    #[must_use]
    pub(super) fn deadline(self, now: WallMs) -> WallMs {
        now + self.left
    }

    pub(super) fn begin(&mut self, now: WallMs) {
        self.since = Some(now);
    }

    pub(super) fn end(&mut self, now: WallMs) {
        if let Some(since) = self.since.take() {
            self.left = self.left.saturating_sub(now.since(since));
        }
    }
}

/// Accounts that were passed over because somebody else renews their login.
#[derive(Debug, Default)]
pub(super) struct Postponed {
    pub list: Vec<String>,
    /// There is nobody else: from now on such an account is waited for.
    pub is_over: bool,
    /// Attempts that `max_attempts` does not count: what was asked twice for an old token, or not asked at all.
    pub uncounted: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Evidence, classify};

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    fn faults(statuses: &[u16]) -> EndpointFaults {
        let mut faults = EndpointFaults::default();
        for status in statuses {
            let evidence = Evidence { status: Some(*status), ..Evidence::default() };
            faults.add(&classify(&evidence));
        }
        faults
    }

    fn are_too_many(statuses: &[u16], endpoint_attempts: usize) -> bool {
        let limits = Limits { endpoint_attempts, ..Limits::default() };
        faults(statuses).are_too_many(&limits)
    }

    #[test]
    fn an_endpoint_is_given_up_after_so_many_faults() {
        assert!(!are_too_many(&[500, 503], 3));
        assert!(are_too_many(&[500, 503, 529], 3));
        assert!(are_too_many(&[500], 1));
        assert!(!are_too_many(&[500, 500, 500], 4));
    }

    #[test]
    fn one_that_hangs_costs_two_time_limits_unless_the_caller_allows_for_more_of_them() {
        assert!(!are_too_many(&[504, 503], 9));
        assert!(are_too_many(&[504, 503, 504], 9));
        let patient = Limits { endpoint_attempts: 9, timeout_attempts: 4, ..Limits::default() };
        assert!(!faults(&[504, 504, 504]).are_too_many(&patient));
        assert!(faults(&[504, 504, 504, 504]).are_too_many(&patient));
    }

    #[test]
    fn all_waits_of_a_run_together_are_bounded() {
        let mut patience = Patience::default();
        assert_eq!(patience.deadline(NOW), NOW + LONGEST_WAIT);
        patience.begin(NOW);
        patience.end(NOW + 3_000.0);
        // An attempt in between is no wait.
        let later = NOW + 90_000.0;
        assert_eq!(patience.deadline(later), later + 7_000.0);
        patience.begin(later);
        patience.end(later + 8_000.0);
        assert_eq!(patience.deadline(later + 8_000.0), later + 8_000.0);
    }
}
