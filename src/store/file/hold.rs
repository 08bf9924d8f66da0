//! The turns of this process's threads at the lock, and the lock held while the caller's code runs.
//!
//! A turn comes before the kernel lock: one thread of this process at a time waits for it, the others wait here,
//! where a wait can end. A [`Hold`] keeps the lock while foreign code runs, an OAuth refresh for example. Updates of this
//! process then go through under the held lock instead of waiting for it: each of them reads, changes and writes in
//! one go, so they cannot disturb each other, and the code that holds the lock may await them.
//!
//! Invariant: a hold has its heartbeat until it is released, and it is released when it is dropped.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, Weak};
use std::time::{Duration, Instant};

use super::atomic;
use super::files::Files;
use super::lock::{Guard, LockForm};
use crate::background::timer::{self, Task};
use crate::background::{lock, wait, wait_for};
use crate::error::Result;

/// Hosts take a directory for stale after 30 s and refresh their own every 15 s.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A guard that several threads may use, one at a time; `None` once it is released.
pub(crate) type HeldGuard = Arc<Mutex<Option<Guard>>>;

#[derive(Debug, Default)]
struct Place {
    is_taken: bool,
    held: Option<HeldGuard>,
}

#[derive(Debug, Default)]
struct Turnstile {
    place: Mutex<Place>,
    changed: Condvar,
}

static TURNSTILES: LazyLock<Mutex<HashMap<PathBuf, Arc<Turnstile>>>> =
    LazyLock::new(Mutex::default);

/// How an update gets at the store.
pub(crate) enum Entry {
    /// It is this thread's turn to take the lock.
    Turn(Turn),
    /// This process holds the lock already.
    Held(HeldGuard),
}

/// The right to wait for the kernel lock. Dropping it lets the next thread have its turn.
#[derive(Debug)]
pub(crate) struct Turn(Arc<Turnstile>);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut place = lock(&self.0.place);
        place.is_taken = false;
        place.held = None;
        self.0.changed.notify_all();
    }
}

/// Waits for a turn, or finds the lock held by this process.
pub(crate) fn enter(store: &Path) -> Entry {
    let turnstile = turnstile(store);
    let mut place = lock(&turnstile.place);
    loop {
        if let Some(held) = &place.held {
            return Entry::Held(Arc::clone(held));
        }
        if !place.is_taken {
            place.is_taken = true;
            drop(place);
            return Entry::Turn(Turn(turnstile));
        }
        place = wait(&turnstile.changed, place);
    }
}

/// The lock of a store, held until this is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    guard: HeldGuard,
    heartbeat: Arc<Heartbeat>,
    /// Declared last: the next turn begins when the lock is free.
    turn: Option<Turn>,
}

impl Hold {
    /// Waits for the lock of the resolved `store` until the deadline. Blocks the calling thread; where the kernel makes
    /// it wait longer, the lock is released as soon as it is taken.
    pub(crate) fn acquire(
        files: &Arc<dyn Files>,
        store: &Path,
        form: LockForm,
        deadline: Instant,
    ) -> Result<Option<Self>> {
        let Some(turn) = take_turn(store, deadline) else { return Ok(None) };
        let is_late = || Instant::now() >= deadline;
        let Some(guard) = Guard::acquire(Arc::clone(files), store, form, &is_late)? else {
            return Ok(None);
        };
        if is_late() {
            return Ok(None);
        }
        // Before a refresh token is spent: the new one must be storable.
        atomic::check_writable(files.as_ref(), &guard)?;
        let guard = Arc::new(Mutex::new(Some(guard)));
        let hold = Self { guard: Arc::clone(&guard), heartbeat: Arc::default(), turn: Some(turn) };
        Heartbeat::schedule(&hold.heartbeat, Arc::downgrade(&guard));
        if let Some(turn) = &hold.turn {
            lock(&turn.0.place).held = Some(guard);
            turn.0.changed.notify_all();
        }
        Ok(Some(hold))
    }

    /// Whether another process removed the lock in the meantime.
    #[must_use]
    pub(crate) fn is_lost(&self) -> bool {
        self.heartbeat.is_lost.load(Ordering::Relaxed)
    }
}

/// What keeps a held lock from looking abandoned: a thread of its own every few seconds, because neither a busy event
/// loop nor busy workers may delay it.
#[derive(Debug, Default)]
struct Heartbeat {
    is_lost: AtomicBool,
    has_complained: AtomicBool,
    next: Mutex<Next>,
}

#[derive(Debug, Default)]
struct Next {
    is_stopped: bool,
    task: Option<Task>,
}

impl Heartbeat {
    fn schedule(this: &Arc<Self>, guard: Weak<Mutex<Option<Guard>>>) {
        let mut next = lock(&this.next);
        if next.is_stopped {
            return;
        }
        let heartbeat = Arc::clone(this);
        next.task = timer::after(HEARTBEAT, "heartbeat", move || {
            let Some(held) = guard.upgrade() else { return };
            if let Some(guard) = lock(&held).as_mut() {
                heartbeat.beat(guard);
            }
            Self::schedule(&heartbeat, guard);
        });
    }

    fn beat(&self, guard: &mut Guard) {
        match guard.refresh() {
            Ok(is_ours) => _ = self.is_lost.fetch_or(!is_ours, Ordering::Relaxed),
            // The lock may still be ours, and look abandoned soon: the next beat tries again.
            Err(error) if !self.has_complained.swap(true, Ordering::Relaxed) => {
                // From whatever thread, and at once: when the lock is given back it is too late.
                let store = guard.store().display();
                let text = format!(
                    "auth-failover: the lock of {store} gets no heartbeat, and hosts may take it for abandoned: {error}\n"
                );
                let _ = std::io::stderr().write_all(text.as_bytes());
            }
            Err(_) => {}
        }
    }

    fn stop(&self) {
        let mut next = lock(&self.next);
        next.is_stopped = true;
        if let Some(task) = next.task.take() {
            task.cancel();
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.heartbeat.stop();
        if let Some(turn) = &self.turn {
            lock(&turn.0.place).held = None;
        }
        // Waits for an update that is under way; updates that come now wait for their turn.
        drop(lock(&self.guard).take());
        self.turn = None;
    }
}

/// Proves that the resolved `store` could be replaced; through the lock of this process, if it has it. False: the lock was
/// not to be had until the deadline. Blocks, for as long as the kernel makes it wait.
pub(crate) fn prove_writable(
    files: &Arc<dyn Files>,
    store: &Path,
    form: LockForm,
    deadline: Instant,
) -> Result<bool> {
    let _turn = match enter(store) {
        Entry::Turn(turn) => turn,
        Entry::Held(held) => {
            let held = lock(&held);
            // Released a moment ago: it was writable then.
            return held.as_ref().map_or(Ok(true), |guard| {
                atomic::check_writable(files.as_ref(), guard).map(|()| true)
            });
        }
    };
    let is_late = || Instant::now() >= deadline;
    let Some(guard) = Guard::acquire(Arc::clone(files), store, form, &is_late)? else {
        return Ok(false);
    };
    atomic::check_writable(files.as_ref(), &guard).map(|()| true)
}

fn take_turn(store: &Path, deadline: Instant) -> Option<Turn> {
    let turnstile = turnstile(store);
    let mut place = lock(&turnstile.place);
    while place.is_taken {
        let left =
            deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        place = wait_for(&turnstile.changed, place, left);
    }
    place.is_taken = true;
    drop(place);
    Some(Turn(turnstile))
}

fn turnstile(store: &Path) -> Arc<Turnstile> {
    Arc::clone(lock(&TURNSTILES).entry(store.to_path_buf()).or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::files::Disk;
    use crate::store::tests::layer::{Fault, Layer};

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    fn store() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().canonicalize().unwrap().join("auth-profiles.json");
        std::fs::write(&store, "{\"profiles\":{}}").unwrap();
        (dir, store)
    }

    fn hold(store: &Path, deadline: Instant) -> Option<Hold> {
        let files: Arc<dyn Files> = Arc::new(Disk);
        Hold::acquire(&files, store, LockForm::Directory, deadline).unwrap()
    }

    #[test]
    fn an_update_of_this_process_finds_the_held_lock() {
        let (_dir, store) = store();
        let held = hold(&store, soon()).unwrap();
        assert!(matches!(enter(&store), Entry::Held(_)));
        drop(held);
        assert!(matches!(enter(&store), Entry::Turn(_)));
    }

    #[test]
    fn a_second_hold_waits_for_the_first_and_not_beyond_its_deadline() {
        let (_dir, store) = store();
        let first = hold(&store, soon()).unwrap();
        assert!(hold(&store, Instant::now()).is_none());
        drop(first);
        assert!(hold(&store, soon()).is_some());
    }

    #[test]
    fn a_waiting_thread_is_let_in_when_its_process_takes_the_lock() {
        let (_dir, store) = store();
        let Entry::Turn(turn) = enter(&store) else { panic!("nobody else is here") };
        let waiting = std::thread::spawn({
            let store = store.clone();
            move || matches!(enter(&store), Entry::Turn(_))
        });
        drop(turn);
        assert!(waiting.join().unwrap());
    }

    /// A hold, and one beat of its heart.
    fn beaten(layer: Layer, store: &Path) -> (Hold, Arc<Layer>) {
        let layer = Arc::new(layer);
        let files: Arc<dyn Files> = Arc::<Layer>::clone(&layer);
        let hold = Hold::acquire(&files, store, LockForm::Directory, soon()).unwrap().unwrap();
        hold.heartbeat.beat(lock(&hold.guard).as_mut().unwrap());
        (hold, layer)
    }

    #[test]
    fn a_beat_that_fails_is_told_and_the_lock_is_not_taken_for_lost() {
        let (_dir, store) = store();
        let (hold, layer) = beaten(Layer::new(Fault::None, 0), &store);
        assert!(!hold.heartbeat.has_complained.load(Ordering::Relaxed) && !hold.is_lost());
        drop(hold);
        let touch = layer.calls().iter().position(|call| *call == "touch").unwrap();
        let fault = Fault::Fail(std::io::ErrorKind::PermissionDenied);
        let (hold, _) = beaten(Layer::new(fault, touch), &store);
        assert!(hold.heartbeat.has_complained.load(Ordering::Relaxed) && !hold.is_lost());
    }

    #[test]
    fn releasing_removes_the_lock_that_hosts_see() {
        let (_dir, store) = store();
        let visible = store.with_file_name("auth-profiles.json.lock");
        let held = hold(&store, soon()).unwrap();
        assert!(visible.is_dir());
        drop(held);
        assert!(!visible.exists());
    }
}
