//! Pure rules of auth profiles: (state, event, now) -> state.
//!
//! Invariant: nothing here reads a clock, a file or the environment. Times are wall-clock milliseconds.

pub(crate) mod booking;
pub(crate) mod booking_rules;
pub(crate) mod cooldown;
pub(crate) mod credential;
pub(crate) mod entry;
pub(crate) mod failure_effect;
pub(crate) mod order;
pub(crate) mod provider;
pub(crate) mod quota_ladder;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod transitions;
pub(crate) mod windows;

#[cfg(test)]
mod transition_tests;
