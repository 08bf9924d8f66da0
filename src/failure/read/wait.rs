//! A wait as it is stated, before anybody judges it.

use crate::failure::names::Source;

/// A wait that was found somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) wait: Wait,
    pub(crate) source: Source,
}

/// The forms in which a wait is stated, in falling order of belief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Milliseconds from now.
    Relative(u64),
    /// Milliseconds since the epoch.
    At(i64),
    /// When a window refills that is known to be used up (`true`) or not known to be.
    Window(Moment, bool),
    /// A time without a zone, read as UTC.
    AtNoZone(i64),
}

/// Relative or absolute; windows are stated in both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    In(u64),
    At(i64),
}

impl Moment {
    pub(crate) fn wait(self, now_ms: i64) -> u64 {
        match self {
            Self::In(ms) => ms,
            Self::At(at) => u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0),
        }
    }
}
