//! Times as types: a moment of the wall clock is a [`WallMs`], a wait is a `Duration` or says `_ms` in its name.
//!
//! Invariant: moments are compared and shifted, never added to each other.

use std::ops::{Add, Sub};

/// A moment: wall-clock milliseconds, as `Date.now()` gives them and as the store holds them.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct WallMs(f64);

impl WallMs {
    pub(crate) const fn new(ms: f64) -> Self {
        Self(ms)
    }

    /// A stored or stated number, if it can be a moment at all: finite and after 1970.
    #[must_use]
    pub(crate) fn stated(ms: f64) -> Option<Self> {
        (ms.is_finite() && ms > 0.0).then_some(Self(ms))
    }

    /// As it is stored and handed to JavaScript.
    #[must_use]
    pub(crate) const fn as_ms(self) -> f64 {
        self.0
    }

    /// Whole milliseconds: what is stored.
    #[must_use]
    pub(crate) fn rounded(self) -> Self {
        Self(self.0.round())
    }

    #[must_use]
    pub(crate) fn later(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// Kept between two moments.
    #[must_use]
    pub(crate) fn clamp(self, first: Self, last: Self) -> Self {
        Self(self.0.clamp(first.0, last.0))
    }
}

impl From<f64> for WallMs {
    fn from(ms: f64) -> Self {
        Self(ms)
    }
}

/// Later by so many milliseconds.
impl Add<f64> for WallMs {
    type Output = Self;

    fn add(self, ms: f64) -> Self {
        Self(self.0 + ms)
    }
}

/// The milliseconds from one moment to another; negative if the other is later.
impl Sub for WallMs {
    type Output = f64;

    fn sub(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_moment_is_none() {
        for odd in [f64::NAN, f64::INFINITY, 0.0, -5.0] {
            assert_eq!(WallMs::stated(odd), None);
        }
        assert_eq!(WallMs::stated(5.0), Some(WallMs::new(5.0)));
    }

    #[test]
    fn a_wait_shifts_a_moment() {
        let now = WallMs::new(1_000.0);
        assert_eq!(now + 500.0 - now, 500.0);
        assert_eq!((now + 0.4).rounded(), now);
        assert_eq!((now + 9.0).clamp(now, now + 5.0), now + 5.0);
        assert_eq!(now.later(now + 1.0), now + 1.0);
    }
}
