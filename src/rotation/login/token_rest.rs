//! The rest of a token server that failed: it rests, and no account does.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::WallMs;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);
/// A stated one, at most.
const LONGEST_STATED: Duration = Duration::from_mins(1);
/// After so long without a failure the next one is the first again.
const FORGOTTEN: Duration = Duration::from_mins(5);

/// The token server of one provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TokenRest {
    pub provider: String,
    pub until: WallMs,
    /// How many times in a row it failed.
    pub failures: u32,
}

impl TokenRest {
    /// After one more failure.
    #[must_use]
    pub(crate) fn after(
        before: Option<&Self>,
        provider: &str,
        stated: Option<Duration>,
        now: WallMs,
    ) -> Self {
        // Those who asked together fail together: that counts once.
        if let Some(before) = before.filter(|it| now < it.until) {
            return before.clone();
        }
        let failures = before.map_or(0, |it| it.failures) + 1;
        let usual = FIRST.saturating_mul(1 << (failures - 1).min(10)).min(LONGEST);
        let rest = stated.map_or(usual, |stated| stated.clamp(usual, LONGEST_STATED.max(usual)));
        Self { provider: provider.to_owned(), until: now + rest, failures }
    }

    #[must_use]
    pub(crate) fn is_forgotten(&self, now: WallMs) -> bool {
        now.since(self.until) > FORGOTTEN || self.until.since(now) > LONGEST_STATED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    #[test]
    fn each_failure_after_a_rest_doubles_it_up_to_a_bound() {
        let mut rest: Option<TokenRest> = None;
        let mut lasted = Vec::new();
        let mut now = NOW;
        for _ in 0..9 {
            let next = TokenRest::after(rest.as_ref(), "p", None, now);
            lasted.push(next.until.since(now).as_millis());
            now = next.until;
            rest = Some(next);
        }
        assert_eq!(lasted, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    }

    #[test]
    fn failures_of_one_moment_count_once_and_a_stated_wait_is_kept_up_to_a_minute() {
        let first = TokenRest::after(None, "p", Some(Duration::from_hours(1)), NOW);
        assert_eq!(first.until.since(NOW), LONGEST_STATED);
        assert_eq!(TokenRest::after(Some(&first), "p", None, NOW + 1.0), first);
    }
}
