//! The timers of one attempt.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::fault::Fault;
use super::outcome::{Failed, Phase};

/// A moment, and the limit that it comes from.
pub(crate) type Deadline = Option<(Instant, Duration)>;

/// Waits no longer than the timer of that phase allows.
pub(crate) async fn within<T>(
    deadline: Deadline,
    phase: Phase,
    work: impl Future<Output = T>,
) -> Result<T, Fault> {
    match deadline {
        None => Ok(work.await),
        Some((moment, limit)) => {
            timeout_at(moment, work).await.map_err(|_| Fault::from(Failed::timed_out(phase, limit)))
        }
    }
}
