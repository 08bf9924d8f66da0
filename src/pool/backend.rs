//! Where a pool is kept.

use std::fmt::Debug;

use super::queue::Change;
use crate::rotation::pool_document::Pool;
use crate::time::WallMs;

/// A place that can change a document atomically.
pub(crate) trait Backend: Debug + Send + Sync {
    /// Changes the pool as it stands at `now`, without what is over by then. `work` may run again on a newer document;
    /// its last run counts. Blocks the calling thread.
    fn change(&self, now: WallMs, work: &mut dyn FnMut(&mut Pool));

    /// The same without blocking, in the order of the calls; `done` is called after the change.
    fn submit(&self, change: Change);
}

#[cfg(test)]
impl dyn Backend + '_ {
    /// The same with an answer.
    pub(crate) fn with<T>(&self, now: WallMs, mut work: impl FnMut(&mut Pool) -> T) -> Option<T> {
        let mut answer = None;
        self.change(now, &mut |pool| answer = Some(work(pool)));
        answer
    }
}
