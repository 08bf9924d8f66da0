//! The rules for booking a failure: exactly the host's, or the safer ones that users have asked for since.

use super::cooldown::{BackoffConfig, Ladder};

/// Which set of rules applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Policy {
    /// What clawdbot 2026.1.24 / openclaw 2026.1.29 do: every failure sets the window anew, counters run on
    /// until a success or the failure window's end. Only data that those hosts never pass changes anything.
    #[default]
    Compatible,
    /// Windows neither creep nor shrink, an expired window starts counting from zero, a burst counts once.
    Safe,
}

/// The rules for one booking.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rules {
    pub policy: Policy,
    pub ladder: Ladder,
    pub backoff: BackoffConfig,
    /// By which share a generic cooldown is longer than its ladder says, so that accounts that failed together do not
    /// come back together. Waits that a server stated are never changed.
    pub stretch: f64,
}
