//! Pure rules of auth profiles: (state, event, now) -> state.
//!
//! Invariant: nothing here reads a clock, a file or the environment. Times are wall-clock milliseconds.

pub mod cooldown;
pub mod order;
pub mod provider;
pub mod stats;

pub use cooldown::{BackoffConfig, calculate_cooldown_ms};
pub use stats::{Change, UsageStats};
