//! The one clock of the command line.

use std::time::{SystemTime, UNIX_EPOCH};

/// Wall-clock milliseconds.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_millis() as f64)
}
