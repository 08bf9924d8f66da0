//! A pool in this process's memory, for accounts whose state is nowhere else.

use std::sync::Mutex;

use super::backend::Backend;
use super::queue::Change;
use crate::background::lock;
use crate::rotation::pool_document::Pool;
use crate::time::WallMs;

#[derive(Debug, Default)]
pub(crate) struct MemoryBackend {
    pool: Mutex<Pool>,
}

impl Backend for MemoryBackend {
    fn change(&self, now: WallMs, work: &mut dyn FnMut(&mut Pool)) {
        let mut pool = lock(&self.pool);
        // Whose process has died has no memory either.
        pool.prune(|_| true, now);
        work(&mut pool);
    }

    fn submit(&self, mut change: Change) {
        self.change(change.now, &mut change.work);
        (change.done)();
    }
}
