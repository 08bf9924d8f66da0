//! Writes bookings: one update of a store after the other, each with everything that waits by then, until all are in
//! the file.
//!
//! A lock that is held is waited for again and again; another fault, a full disk for example, is tried again after a
//! pause, or with the next booking. Only [`settled`] and [`at_exit`] wait for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::bookings::{Bookings, Made, Pending, Target};
use crate::background::{lock, timer, wait_for};
use crate::error::Error;
use crate::store::edits::marks::{Applied, Documents};
use crate::store::file::commit::{self, Shared};
use crate::store::file::paths::StorePaths;
use crate::store::file::system::real_name;
use crate::store::file::update::Outcome;
use crate::time::WallMs;
use crate::trace::trace_step;

/// How long a success waits for company: each update writes the whole store, and nobody chooses by a success.
const SOON: Duration = Duration::from_millis(5);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Once a lock was waited for in vain, and that was told: an update that waits costs less than one after the other.
const SECOND_WAIT: Duration = Duration::from_secs(5);

/// The bookings of one store, and the update that writes them.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bookings: Bookings,
    work: Mutex<Work>,
}

#[derive(Debug, Default)]
struct Work {
    is_writing: bool,
    /// The last update failed, and not because of a lock: there is nothing to wait for.
    is_given_up: bool,
    pause: Option<Duration>,
    next: Option<Next>,
    /// Something that was booked since the last update is not to wait.
    is_awaited: bool,
    last_fault: Option<Arc<Error>>,
}

/// The next update by itself.
#[derive(Debug)]
enum Next {
    /// Of what waits for company.
    Soon(timer::Task),
    Retry(timer::Task),
}

impl Work {
    fn replace_next(&mut self, next: Option<Next>) {
        if let Some(Next::Soon(task) | Next::Retry(task)) = std::mem::replace(&mut self.next, next)
        {
            task.cancel();
        }
    }
}

/// Bookings that are not in a file, and why.
#[derive(Debug)]
pub(crate) struct Unwritten {
    pub store: PathBuf,
    pub count: usize,
    pub fault: Option<Arc<Error>>,
}

static WRITERS: LazyLock<Mutex<HashMap<PathBuf, Arc<Writer>>>> = LazyLock::new(Mutex::default);
/// Whenever an update has ended.
static ENDED: LazyLock<Notify> = LazyLock::new(Notify::new);
static ENDED_BLOCKING: Condvar = Condvar::new();
static BLOCKING: Mutex<()> = Mutex::new(());

/// The bookings that these stores, an agent's own and the main agent's, do not have yet; to be taken before they are read.
#[must_use]
pub(crate) fn pending(paths: &StorePaths) -> Vec<Pending> {
    let stores = std::iter::once(&paths.store).chain(&paths.main);
    stores.map(|store| of(store).bookings.pending()).collect()
}

/// The writer of a store, whatever name leads to it.
#[must_use]
pub(crate) fn of(store: &Path) -> Arc<Writer> {
    let real = real_name(store);
    let mut writers = lock(&WRITERS);
    Arc::clone(writers.entry(real).or_default())
}

/// The file behind a name. It is looked up once a name, which a choice does before the first booking, off the event loop.
fn real_name(store: &Path) -> PathBuf {
    static NAMES: LazyLock<Mutex<HashMap<PathBuf, PathBuf>>> = LazyLock::new(Mutex::default);
    if let Some(real) = lock(&NAMES).get(store) {
        return real.clone();
    }
    let Ok(real) = real_name::canonicalize(store) else { return store.to_path_buf() };
    lock(&NAMES).insert(store.to_path_buf(), real.clone());
    real
}

impl Writer {
    /// Books it: it holds from now on, and is written soon; at once if others choose by it.
    pub(crate) fn add(self: &Arc<Self>, made: Arc<Made>, is_awaited: bool) {
        self.bookings.add(made);
        if is_awaited { self.write_at_once() } else { self.write_soon() }
    }

    pub(crate) fn take_back(self: &Arc<Self>, made: &Arc<Made>, now: WallMs) {
        self.bookings.take_back(made, now);
        self.write_at_once();
    }

    fn write_at_once(self: &Arc<Self>) {
        lock(&self.work).is_awaited = true;
        self.write();
    }

    /// Leaves time for company. A retry that would be later is brought forward.
    fn write_soon(self: &Arc<Self>) {
        let mut work = lock(&self.work);
        if work.is_writing || matches!(work.next, Some(Next::Soon(_))) {
            return;
        }
        let writer = Arc::clone(self);
        let soon = timer::after(SOON, "book", move || writer.write());
        work.replace_next(soon.map(Next::Soon));
        drop(work);
        if soon.is_none() {
            self.write();
        }
    }

    /// Somebody waits for what is to be written soon.
    fn hurry(self: &Arc<Self>) {
        if matches!(lock(&self.work).next, Some(Next::Soon(_))) {
            self.write();
        }
    }

    /// Begins an update if there is something to write and none is under way.
    fn write(self: &Arc<Self>) {
        let (target, is_first) = {
            let mut work = lock(&self.work);
            if work.is_writing {
                return;
            }
            let Some(target) = self.bookings.target() else { return };
            (work.is_writing, work.is_given_up, work.is_awaited) = (true, false, false);
            // One is enough.
            work.replace_next(None);
            (target, work.last_fault.is_none())
        };
        let Target { home, options, wait } = target.clone();
        let wait = if is_first { wait } else { wait.max(SECOND_WAIT) };
        let writer = Arc::clone(self);
        let edit = Box::new(move |documents: &mut Documents| {
            writer.bookings.apply(&target, documents);
            Ok(Applied::default())
        });
        let writer = Arc::clone(self);
        commit::submit_then(home, options, wait, edit, move |outcome| writer.ended(outcome));
    }

    fn ended(self: Arc<Self>, outcome: Shared<Outcome>) {
        let fault = outcome.err();
        match &fault {
            None => self.bookings.written(),
            Some(error) => self.bookings.not_written(error),
        }
        let mut work = lock(&self.work);
        work.is_writing = false;
        // Only a lock is worth waiting for at once.
        let goes_on = matches!(fault.as_deref(), None | Some(Error::LockTimeout { .. }));
        work.is_given_up = !goes_on;
        work.pause = (!goes_on)
            .then(|| work.pause.map_or(FIRST_PAUSE, |pause| (pause * 2).min(LONGEST_PAUSE)));
        work.last_fault = fault;
        if let Some(pause) = work.pause {
            trace_step!("book", left = self.bookings.len(), again_in = pause);
            let writer = Arc::clone(&self);
            let retry = timer::after(pause, "book", move || writer.write());
            work.replace_next(retry.map(Next::Retry));
        }
        let is_awaited = work.is_awaited || work.last_fault.is_some();
        drop(work);
        if goes_on && is_awaited {
            self.write();
        } else if goes_on && self.bookings.len() > 0 {
            self.write_soon();
        }
        // Under the lock, so that a waiter that has just checked is already waiting.
        drop(lock(&BLOCKING));
        ENDED_BLOCKING.notify_all();
        ENDED.notify_waiters();
    }

    /// Nothing is left that a while would write.
    fn is_settled(&self) -> bool {
        let work = lock(&self.work);
        !work.is_writing && (work.is_given_up || self.bookings.len() == 0)
    }
}

fn all() -> Vec<(PathBuf, Arc<Writer>)> {
    let writers = lock(&WRITERS);
    writers.iter().map(|(store, writer)| (store.clone(), Arc::clone(writer))).collect()
}

fn are_settled() -> bool {
    all().iter().all(|(_, writer)| writer.is_settled())
}

/// What is not in a file now.
#[must_use]
pub(crate) fn unwritten() -> Vec<Unwritten> {
    let left = |(store, writer): (PathBuf, Arc<Writer>)| {
        let count = writer.bookings.len();
        let fault = lock(&writer.work).last_fault.clone();
        (count > 0).then_some(Unwritten { store, count, fault })
    };
    all().into_iter().filter_map(left).collect()
}

/// Waits until all bookings of this process are in their files, or cannot be written for now.
pub(crate) async fn settled() {
    for (_, writer) in all() {
        writer.hurry();
    }
    loop {
        let ended = ENDED.notified();
        if are_settled() {
            return;
        }
        ended.await;
    }
}

/// The process is about to end: writes what is left, at most until then, on this thread's time.
pub(crate) fn at_exit(deadline: Instant) -> Vec<Unwritten> {
    // What could not be written gets a last chance.
    for (_, writer) in all() {
        writer.write();
    }
    let mut guard = lock(&BLOCKING);
    while !are_settled() {
        let Some(left) = deadline.checked_duration_since(Instant::now()) else { break };
        guard = wait_for(&ENDED_BLOCKING, guard, left);
    }
    drop(guard);
    unwritten()
}
