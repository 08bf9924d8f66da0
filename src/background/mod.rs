//! Work that must not run on the event loop, and the one place that starts threads for it.
//!
//! | for | use |
//! |---|---|
//! | a short blocking call whose answer is awaited | [`run`] |
//! | work that is not awaited, or may block for long | [`detach`] |
//! | work that starts later | [`timer`] |
//!
//! Invariant: no thread started here keeps Node alive, and a panic ends only the work it happens in.

mod mutex;
pub(crate) mod timer;

pub(crate) use mutex::{lock, wait, wait_for};

use crate::error::{Error, Result};

/// Runs `work` on Tokio's blocking threads. `place` names the work in the error that a panic becomes.
///
/// Only for work that ends soon: these threads are few, and DNS lookups need them too.
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
