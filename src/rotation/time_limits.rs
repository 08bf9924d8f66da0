//! How long an attempt may take, and how long it may be silent.
//!
//! Times count from the start of the attempt, by the monotonic clock.

use std::time::Duration;

/// The limits of an attempt; each may be absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TimeLimits {
    /// From start to end.
    pub whole: Option<Duration>,
    /// From the start to the first sign of life.
    pub first_byte: Option<Duration>,
    /// From one sign of life to the next one.
    pub idle: Option<Duration>,
}

/// One of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Whole,
    FirstByte,
    Idle,
}

impl TimeLimits {
    /// Which limit is over first, and when, if no sign of life comes any more.
    #[must_use]
    pub(crate) fn next_over(&self, last_sign: Option<Duration>) -> Option<(Duration, Limit)> {
        let silence = match last_sign {
            None => self.first_byte.map(|limit| (limit, Limit::FirstByte)),
            Some(last) => self.idle.map(|limit| (last.saturating_add(limit), Limit::Idle)),
        };
        let whole = self.whole.map(|limit| (limit, Limit::Whole));
        // If two are over at the same time, the limit of the whole attempt is named.
        whole.into_iter().chain(silence).min_by_key(|(over, _)| *over)
    }

    /// The longest wait for the first byte.
    #[must_use]
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.whole.into_iter().chain(self.first_byte).min()
    }

    /// As the caller gave it.
    #[must_use]
    pub(crate) fn of(&self, limit: Limit) -> Option<Duration> {
        match limit {
            Limit::Whole => self.whole,
            Limit::FirstByte => self.first_byte,
            Limit::Idle => self.idle,
        }
    }
}

impl Limit {
    /// The option that sets it.
    #[must_use]
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Whole => "timeoutMs",
            Self::FirstByte => "firstByteTimeoutMs",
            Self::Idle => "idleTimeoutMs",
        }
    }

    /// What did not come in time.
    #[must_use]
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Whole => "the attempt",
            Self::FirstByte => "the first byte of the attempt",
            Self::Idle => "the next byte of the attempt",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    const ALL: TimeLimits =
        TimeLimits { whole: Some(ms(1_000)), first_byte: Some(ms(300)), idle: Some(ms(50)) };

    #[test]
    fn the_first_byte_s_limit_holds_until_the_first_sign_and_then_the_idle_limit_does() {
        assert_eq!(ALL.next_over(None), Some((ms(300), Limit::FirstByte)));
        assert_eq!(ALL.next_over(Some(ms(10))), Some((ms(60), Limit::Idle)));
        assert_eq!(ALL.next_over(Some(ms(400))), Some((ms(450), Limit::Idle)));
    }

    #[test]
    fn no_sign_of_life_moves_the_limit_of_the_whole() {
        assert_eq!(ALL.next_over(Some(ms(950))), Some((ms(1_000), Limit::Whole)));
        assert_eq!(ALL.next_over(Some(ms(990))), Some((ms(1_000), Limit::Whole)));
    }

    #[test]
    fn what_is_not_limited_is_never_over() {
        let idle_only = TimeLimits { idle: Some(ms(50)), ..TimeLimits::default() };
        assert_eq!(idle_only.next_over(None), None);
        assert_eq!(idle_only.next_over(Some(ms(7))), Some((ms(57), Limit::Idle)));
        let first_only = TimeLimits { first_byte: Some(ms(50)), ..TimeLimits::default() };
        assert_eq!(first_only.next_over(Some(ms(7))), None);
    }
}
