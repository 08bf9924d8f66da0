//! Work that must not run on the event loop, and the one place that starts threads for it.
//!
//! | for | use |
//! |---|---|
//! | a call that blocks for a moment and whose answer somebody awaits | [`run`] |
//! | work that nobody awaits, or that may block for long | [`detach`] |
//! | something that is to happen later | [`timer`] |
//!
//! Invariant: no thread that is started here keeps Node alive, and a panic of the work ends that work alone.

mod mutex;
pub(crate) mod timer;

pub(crate) use mutex::{lock, wait, wait_for};

use crate::error::{Error, Result};

/// Runs `work` on Tokio's blocking threads. `place` names the work in the error that a panic becomes.
///
/// Only for work that ends soon: those threads are limited, and shared with everybody who resolves a host name.
pub(crate) async fn run<T: Send + 'static>(
    place: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal(place))
}

/// Runs `work` on a thread of its own. False if the system has no thread left; then the work is dropped.
pub(crate) fn detach(name: &'static str, work: impl FnOnce() + Send + 'static) -> bool {
    std::thread::Builder::new().name(format!("auth-failover-{name}")).spawn(work).is_ok()
}
