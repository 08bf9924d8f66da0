//! Pure rules of auth profiles: (state, event, now) -> state.
//!
//! Invariant: nothing here reads a clock, a file or the environment. Times are wall-clock milliseconds.

pub mod booking;
pub mod cooldown;
pub mod credential;
pub mod order;
pub mod provider;
pub mod rules;
pub mod stats;
pub mod status;
pub mod windows;

#[cfg(test)]
mod transition_tests;

pub use cooldown::{BackoffConfig, calculate_cooldown_ms};
pub use stats::{Change, UsageStats};
