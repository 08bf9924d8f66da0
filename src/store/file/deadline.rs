//! The ends of waits: one thread that sleeps until the earliest one.
//!
//! A timer for each mark would wake a thread of the runtime for each mark, although hardly any mark waits for
//! long. Here a deadline that is later than the earliest known one costs nothing; the thread finds it when it
//! looks at what still waits.
//!
//! Invariant: while a deadline is known there is a thread that acts on it, and after it there is none.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

struct Watch {
    earliest: Option<Instant>,
    has_thread: bool,
}

static WATCH: Mutex<Watch> = Mutex::new(Watch { earliest: None, has_thread: false });
static EARLIER: Condvar = Condvar::new();

/// Sees to it that `expire` is called at `deadline`. It answers the earliest deadline that is left.
pub(crate) fn watch(deadline: Instant, expire: fn(Instant) -> Option<Instant>) {
    let mut watch = lock();
    if watch.earliest.is_some_and(|earliest| earliest <= deadline) {
        return;
    }
    watch.earliest = Some(deadline);
    if watch.has_thread {
        EARLIER.notify_one();
        return;
    }
    let thread = std::thread::Builder::new().name("auth-failover-waits".to_owned());
    watch.has_thread = thread.spawn(move || run(expire)).is_ok();
    if !watch.has_thread {
        // Without a thread the wait ends with the lock; the next wait tries again.
        watch.earliest = None;
    }
}

fn run(expire: fn(Instant) -> Option<Instant>) {
    let mut watch = lock();
    while let Some(earliest) = watch.earliest {
        let now = Instant::now();
        if now < earliest {
            let waited = EARLIER.wait_timeout(watch, earliest - now);
            watch = waited.unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        watch.earliest = None;
        drop(watch);
        let left = expire(now);
        watch = lock();
        watch.earliest = [watch.earliest, left].into_iter().flatten().min();
    }
    watch.has_thread = false;
}

/// Every section assigns two fields, so a panic leaves nothing half done.
fn lock() -> MutexGuard<'static, Watch> {
    WATCH.lock().unwrap_or_else(PoisonError::into_inner)
}
