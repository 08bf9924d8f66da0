//! The flush that the relaxed mode has put off: one timer a store, off the event loop.
//!
//! Invariant: a store with a recovery copy that this process has made or seen has a timer, until the copy is
//! gone. The timer is a thread: it holds neither Node nor the lock while it sleeps.
//!
//! Several processes may watch the same copy. Each flushes only a copy that was already there when its timer was
//! set, so under load the process that made it flushes, once a second, and the others find a newer one; after
//! the death of that process any other does it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::files::{Files, Stat};
use super::lock::{Guard, LockForm};
use super::recovery::{self, Unflushed, copy_path};

/// With the flush itself it is less than a second in which a power cut may take marks back.
const FLUSH_AFTER: Duration = Duration::from_millis(800);

static TIMERS: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// Sets the timer of a store, if it has none.
pub(crate) fn arm(files: &Arc<dyn Files>, unflushed: Unflushed, lock_form: LockForm) {
    let mut timers = timers();
    if !timers.insert(unflushed.store.clone()) {
        return;
    }
    let (files, store) = (Arc::clone(files), unflushed.store.clone());
    let thread = std::thread::Builder::new().name("auth-failover-flush".to_owned());
    if thread.spawn(move || watch(&files, unflushed, lock_form)).is_err() {
        // The copy stays for the next mark or read.
        timers.remove(&store);
    }
}

/// Sets the timer of a store that another process has left unflushed. `store` may be a link.
pub(crate) fn notice(files: &Arc<dyn Files>, store: &Path) {
    let Ok(store) = files.canonicalize(store) else { return };
    if let Ok(copy) = files.stat(&copy_path(&store)) {
        arm(files, Unflushed { store, copy }, LockForm::default());
    }
}

fn watch(files: &Arc<dyn Files>, unflushed: Unflushed, lock_form: LockForm) {
    let Unflushed { store, copy } = unflushed;
    let mut copy = Some(copy);
    while let Some(seen) = copy {
        files.pause(FLUSH_AFTER);
        copy = flush(files, &store, seen, lock_form);
    }
}

/// Flushes if the copy is still the one that was seen. Answers the copy that is to be looked at again.
fn flush(files: &Arc<dyn Files>, store: &Path, seen: Stat, lock_form: LockForm) -> Option<Stat> {
    let copy = remaining(files.as_ref(), store)?;
    if copy != seen {
        return Some(copy);
    }
    // A host that holds the lock for long is not waited for: marks queue behind the kernel lock.
    match Guard::acquire(Arc::clone(files), store, lock_form, &|| true) {
        Ok(None) => return Some(seen),
        Ok(Some(guard)) if recovery::settle(files.as_ref(), &guard).is_ok() => {
            drop(guard);
            return remaining(files.as_ref(), store);
        }
        _ => {}
    }
    // A disk or a directory that refuses: the copy stays, and the next mark or read tries again.
    timers().remove(store);
    None
}

/// The copy as it is now. If there is none, the timer ends here: under the mutex, so that whoever makes the
/// next copy either is seen or finds no timer.
fn remaining(files: &dyn Files, store: &Path) -> Option<Stat> {
    let mut timers = timers();
    let copy = files.stat(&copy_path(store)).ok();
    if copy.is_none() {
        timers.remove(store);
    }
    copy
}

/// Every section is a lookup and one insert or removal, so a panic leaves nothing half done.
fn timers() -> MutexGuard<'static, HashSet<PathBuf>> {
    TIMERS.lock().unwrap_or_else(PoisonError::into_inner)
}
