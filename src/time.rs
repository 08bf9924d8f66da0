//! Times as types: a moment of the wall clock is a [`WallMs`], a length of time is a `Duration`. The rules that multiply
//! lengths (`profiles`) count in milliseconds and say `_ms` in the name.
//!
//! Invariant: moments are compared and shifted, never added to each other.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment: wall-clock milliseconds, as `Date.now()` gives them and as the store holds them.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WallMs(f64);

impl WallMs {
    #[must_use]
    pub(crate) const fn new(ms: f64) -> Self {
        Self(ms)
    }

    /// By this machine's clock, in whole milliseconds.
    #[must_use]
    pub(crate) fn now() -> Self {
        SystemTime::now().into()
    }

    /// Whether it can be a moment at all: finite and after 1970.
    #[must_use]
    pub(crate) fn is_possible(self) -> bool {
        self.0.is_finite() && self.0 > 0.0
    }

    /// As it is stored and handed to JavaScript.
    #[must_use]
    pub(crate) const fn as_ms(self) -> f64 {
        self.0
    }

    /// Whole milliseconds, as failure records and dates of calendars have them.
    #[must_use]
    pub(crate) const fn whole_ms(self) -> i64 {
        self.0 as i64
    }

    /// Whole milliseconds: what is stored.
    #[must_use]
    pub(crate) fn rounded(self) -> Self {
        Self(self.0.round())
    }

    /// How long this is after `earlier`; zero if it is before it.
    #[must_use]
    pub(crate) fn since(self, earlier: Self) -> Duration {
        duration(self - earlier)
    }

    #[must_use]
    pub(crate) fn later(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    #[must_use]
    pub(crate) fn earlier(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// An order of all numbers, those that are no moment included.
    #[must_use]
    pub(crate) fn total_cmp(self, other: Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }

    /// Kept between two moments.
    #[must_use]
    pub(crate) fn clamp(self, first: Self, last: Self) -> Self {
        Self(self.0.clamp(first.0, last.0))
    }
}

/// In whole milliseconds.
impl From<SystemTime> for WallMs {
    fn from(time: SystemTime) -> Self {
        Self::default() + time.duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

impl fmt::Debug for WallMs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Later by so many milliseconds.
impl Add<f64> for WallMs {
    type Output = Self;

    fn add(self, ms: f64) -> Self {
        Self(self.0 + ms)
    }
}

/// Later by whole milliseconds: a moment that was whole stays so.
impl Add<Duration> for WallMs {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        self + wait.as_millis() as f64
    }
}

impl AddAssign<Duration> for WallMs {
    fn add_assign(&mut self, wait: Duration) {
        *self = *self + wait;
    }
}

impl Sub<Duration> for WallMs {
    type Output = Self;

    fn sub(self, time: Duration) -> Self {
        self + -(time.as_millis() as f64)
    }
}

/// The milliseconds from one moment to another; negative if the other is later.
impl Sub for WallMs {
    type Output = f64;

    fn sub(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }
}

/// So many milliseconds; none if the number is none or negative, and the longest there is if it is larger.
#[must_use]
pub(crate) fn duration(ms: f64) -> Duration {
    if ms.is_nan() || ms <= 0.0 {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or(Duration::MAX)
}

/// As JavaScript has it.
#[must_use]
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_millis() as f64 + f64::from(time.subsec_nanos() % 1_000_000) / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_or_not_after_1970_is_no_moment() {
        for odd in [f64::NAN, f64::INFINITY, 0.0, -5.0] {
            assert!(!WallMs::new(odd).is_possible());
        }
        assert!(WallMs::new(5.0).is_possible());
    }

    #[test]
    fn a_wait_shifts_a_moment() {
        let now = WallMs::new(1_000.0);
        assert_eq!(now + 500.0 - now, 500.0);
        assert_eq!((now + 0.4).rounded(), now);
        assert_eq!((now + 9.0).clamp(now, now + 5.0), now + 5.0);
        assert_eq!(now.later(now + 1.0), now + 1.0);
        assert_eq!(now.earlier(now + 1.0), now);
        assert_eq!(now + Duration::from_micros(2_900), now + 2.0);
        assert_eq!(now + 5.0 - Duration::from_millis(5), now);
    }

    #[test]
    fn the_time_since_a_later_moment_is_none() {
        let now = WallMs::new(1_000.0);
        assert_eq!((now + 1.5).since(now), Duration::from_micros(1_500));
        assert_eq!(now.since(now + 1.5), Duration::ZERO);
        assert_eq!(now.since(WallMs::new(-1e300)), Duration::MAX);
        assert_eq!(now.since(WallMs::new(f64::NAN)), Duration::ZERO);
    }

    #[test]
    fn milliseconds_come_back_as_they_were() {
        for ms in [0.0, 1.0, 0.5, 59_999.0, 1_770_000_000_123.0] {
            assert_eq!(milliseconds(duration(ms)), ms);
        }
    }

    #[test]
    fn it_is_a_bare_number_in_json() {
        assert_eq!(
            serde_json::to_string(&WallMs::new(1_770_000_000_000.0)).unwrap(),
            "1770000000000.0"
        );
    }
}
