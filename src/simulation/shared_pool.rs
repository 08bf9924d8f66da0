//! The pool as each simulated process sees it: one document, and a judgement of its own on who lives. Processes of one
//! machine see each other; of those on another they see the lease, which is told by a clock that may be wrong.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::sabotage::Sabotage;
use super::world::{Lives, START};
use crate::background::lock;
use crate::pool::backend::Backend;
use crate::pool::owner::{RENEW_EVERY, Seen};
use crate::pool::queue::Change;
use crate::rotation::pool_document::{Owner, Pool};
use crate::time::WallMs;

/// A machine, and how far its clock is from the true time, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    pub(crate) number: u64,
    pub(crate) skew_ms: f64,
}

impl Machine {
    /// A process that runs on it.
    pub(crate) fn owner(self, process: usize, started: Option<u64>) -> Owner {
        let here = Some(self.number);
        Owner { started, boot: here, namespace: here, ..Owner::of_pid(process as u32) }
    }
}

/// What one process knows of the pool that all share.
pub(crate) struct SharedPool {
    pool: Arc<Mutex<Pool>>,
    seen: Seen,
    lives: Lives,
    machine: Machine,
    process: usize,
    /// When this process began to look.
    base: Instant,
    sabotage: Sabotage,
}

impl SharedPool {
    pub(crate) fn new(
        pool: &Arc<Mutex<Pool>>,
        lives: &Lives,
        (machine, process): (Machine, usize),
        sabotage: Sabotage,
    ) -> Self {
        let (pool, lives) = (Arc::clone(pool), Arc::clone(lives));
        let (seen, base) = (Seen::default(), Instant::now());
        Self { pool, seen, lives, machine, process, base, sabotage }
    }

    fn sees(&self, owner: Owner) -> Option<bool> {
        let lives = || lock(&self.lives)[owner.pid as usize] == owner.started;
        match self.sabotage {
            Sabotage::KeepDead => Some(true),
            Sabotage::JudgeTheUnseen if owner.boot != Some(self.machine.number) => Some(false),
            _ => (owner.boot == Some(self.machine.number)).then(lives),
        }
    }

    /// This process as it holds reservations now.
    fn me(&self) -> Owner {
        self.machine.owner(self.process, lock(&self.lives)[self.process])
    }

    /// Renews the lease, from a thread of its own. False if there is nothing to renew it for.
    pub(crate) fn renew(&self, now: WallMs) -> bool {
        lock(&self.pool).renew(self.me(), Duration::ZERO, now + self.machine.skew_ms)
    }
}

impl Backend for SharedPool {
    fn change(&self, now: WallMs, work: &mut dyn FnMut(&mut Pool)) {
        let mut pool = lock(&self.pool);
        // The monotonic clock goes on in true time, whatever the wall clock says.
        let (told, clock) = (now + self.machine.skew_ms, self.base + now.since(START));
        let lives = self.seen.judge_by(|it| self.sees(it), Path::new("p"), &pool, told, clock);
        pool.prune(lives, now);
        work(&mut pool);
        pool.renew(self.me(), RENEW_EVERY / 2, told);
    }

    fn submit(&self, mut change: Change) {
        self.change(change.now, &mut change.work);
        (change.done)();
    }
}

impl fmt::Debug for SharedPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool.fmt(formatter)
    }
}
