//! A pool in this process's memory.

use std::fmt;
use std::sync::Mutex;

use super::backend::Backend;
use super::queue::Change;
use crate::background::lock;
use crate::rotation::pool_document::{Owner, Pool};
use crate::time::WallMs;

pub(crate) struct MemoryBackend<F> {
    pool: Mutex<Pool>,
    lives: F,
}

impl<F: Fn(Owner) -> bool> MemoryBackend<F> {
    pub(crate) fn new(lives: F) -> Self {
        Self { pool: Mutex::default(), lives }
    }
}

impl<F> fmt::Debug for MemoryBackend<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool.fmt(formatter)
    }
}

impl<F: Fn(Owner) -> bool + Send + Sync> Backend for MemoryBackend<F> {
    fn change(&self, now: WallMs, work: &mut dyn FnMut(&mut Pool)) {
        let mut pool = lock(&self.pool);
        pool.prune(&self.lives, now);
        work(&mut pool);
    }

    fn submit(&self, mut change: Change) {
        self.change(change.now, &mut change.work);
        (change.done)();
    }
}
