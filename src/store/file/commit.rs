//! Group commit: edits that wait in this process are applied in one update.
//!
//! One worker thread a store takes the lock, applies all that wait by then in their order of arrival, writes
//! once and answers each. The event loop and Tokio's workers never wait for a lock. The thread is woken by the
//! call itself: each further hop between threads would cost as much as the update.
//!
//! Invariant: every edit is answered, by its outcome or by the end of its own wait. An edit whose wait has
//! ended before the worker took it is never applied.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::files::{Disk, Files};
use super::flusher;
use super::hold::Hold;
use super::lock::{LockForm, describe_holder};
use super::paths::StorePaths;
use super::system::real_name;
use super::update::{self, Edit, Outcome, UpdateOptions};
use crate::background::{self, lock, timer, wait_for};
use crate::error::{Error, Result};

/// An error that several edits share.
pub(crate) type Shared<T> = std::result::Result<T, Arc<Error>>;

/// Called once, on a thread of this module's, which it must not keep.
type Answer = Box<dyn FnOnce(Shared<Outcome>) + Send>;

struct Waiting {
    edit: Edit,
    answer: Answer,
    started: Instant,
    deadline: Instant,
}

/// The edits of one store that wait, and the thread that applies them.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    added: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    has_worker: bool,
}

type Key = (StorePaths, UpdateOptions);

/// Edits only share a write if they lock and write alike, so the options are part of the key.
static QUEUES: LazyLock<Mutex<HashMap<Key, Arc<Queue>>>> = LazyLock::new(Mutex::default);
static DISK: LazyLock<Arc<dyn Files>> = LazyLock::new(|| Arc::new(Disk));

/// How long a worker waits for more: the next mark then finds a thread, and an idle process has none.
const WORKER_LINGERS: Duration = Duration::from_secs(1);

/// Applies one edit, at the latest after `wait`. The work begins now; the future only brings the answer.
pub(crate) fn submit(
    paths: StorePaths,
    options: UpdateOptions,
    wait: Duration,
    edit: Edit,
) -> impl Future<Output = Shared<Outcome>> + Send + use<> {
    let (answer, outcome) = oneshot::channel();
    // Fails if the caller no longer waits, which is fine.
    let answer = |done: Shared<Outcome>| {
        if let Ok(Outcome { after, .. }) = &done {
            // Here, and not on the event loop.
            let _ = (after.usage_stats(), after.last_good());
        }
        let _ = answer.send(done);
    };
    submit_then(paths, options, wait, edit, answer);
    async move { outcome.await.unwrap_or_else(|_| Err(Arc::new(Error::Internal("commit")))) }
}

/// The same for a caller that does not wait: `answer` is called with the outcome. It must not block.
pub(crate) fn submit_then(
    paths: StorePaths,
    options: UpdateOptions,
    wait: Duration,
    edit: Edit,
    answer: impl FnOnce(Shared<Outcome>) + Send + 'static,
) {
    let started = Instant::now();
    let deadline = started + wait;
    let waiting = Waiting { edit, answer: Box::new(answer), started, deadline };
    let without_thread = enqueue((paths, options), waiting);
    for waiting in without_thread {
        (waiting.answer)(Err(Arc::new(Error::Internal("commit"))));
    }
    expire_at(deadline);
}

/// What cannot be done, because the system has no thread left.
fn enqueue(key: Key, waiting: Waiting) -> VecDeque<Waiting> {
    let queue = Arc::clone(lock(&QUEUES).entry(key.clone()).or_default());
    let mut state = lock(&queue.state);
    state.waiting.push_back(waiting);
    if state.has_worker {
        queue.added.notify_one();
        return VecDeque::new();
    }
    let worker = Worker { key, queue: Arc::clone(&queue) };
    state.has_worker = background::detach("store", move || worker.work());
    if state.has_worker { VecDeque::new() } else { std::mem::take(&mut state.waiting) }
}

/// When waits are looked through next. Hardly any mark waits for long, so a mark whose wait ends after that time costs no
/// timer of its own.
static NEXT_EXPIRY: Mutex<Option<Instant>> = Mutex::new(None);

fn expire_at(deadline: Instant) {
    let mut next = lock(&NEXT_EXPIRY);
    if next.is_some_and(|next| next <= deadline) {
        return;
    }
    let look = || {
        *lock(&NEXT_EXPIRY) = None;
        if let Some(left) = expire(Instant::now()) {
            expire_at(left);
        }
    };
    // Without a thread the wait ends with the lock; the next mark tries again.
    *next = timer::at(deadline, "waits", look).map(|_| deadline);
}

/// Ends the waits whose time is over, and answers when the next one ends.
fn expire(now: Instant) -> Option<Instant> {
    let queues: Vec<_> =
        lock(&QUEUES).iter().map(|(key, queue)| (key.clone(), Arc::clone(queue))).collect();
    let mut next = None;
    for ((paths, _), queue) in queues {
        let mut state = lock(&queue.state);
        let waiting = std::mem::take(&mut state.waiting);
        let (over, left): (VecDeque<_>, VecDeque<_>) =
            waiting.into_iter().partition(|waiting| waiting.deadline <= now);
        next = left.iter().map(|waiting| waiting.deadline).chain(next).min();
        state.waiting = left;
        drop(state);
        for waiting in over {
            let error = lock_timeout(&paths, waiting.started.elapsed());
            (waiting.answer)(Err(Arc::new(error)));
        }
    }
    next
}

fn lock_timeout(paths: &StorePaths, waited: Duration) -> Error {
    let path = real_name::canonicalize(&paths.store).unwrap_or_else(|_| paths.store.clone());
    let (holder, lock_age) = describe_holder(DISK.as_ref(), &path);
    Error::LockTimeout { path, holder, lock_age, waited }
}

/// The error of a lock that was not to be had until `deadline`, on this thread.
pub(crate) fn lock_timeout_of(store: &Path, deadline: Instant) -> Error {
    let (holder, lock_age) = describe_holder(DISK.as_ref(), store);
    let waited = Instant::now().saturating_duration_since(deadline);
    Error::LockTimeout { path: store.to_path_buf(), holder, lock_age, waited }
}

/// A queue's one worker.
struct Worker {
    key: Key,
    queue: Arc<Queue>,
}

impl Worker {
    /// One update after the other, until nothing has come for a while.
    fn work(self) {
        loop {
            let mut state = lock(&self.queue.state);
            if state.waiting.is_empty() {
                state = wait_for(&self.queue.added, state, WORKER_LINGERS);
            }
            if state.waiting.is_empty() {
                // Under the same lock as the last check, so that no edit is left behind.
                state.has_worker = false;
                return;
            }
            drop(state);
            self.update();
        }
    }

    fn update(&self) {
        let mut answers = Vec::new();
        let take = || {
            let taken = std::mem::take(&mut lock(&self.queue.state).waiting);
            taken
                .into_iter()
                .map(|waiting| {
                    answers.push(waiting.answer);
                    waiting.edit
                })
                .collect()
        };
        let idle = || lock(&self.queue.state).waiting.is_empty();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            update::update(&DISK, &self.key.0, self.key.1, take, &idle)
        }))
        .unwrap_or(Err(Error::Internal("update")));
        match outcome {
            Ok(Some(done)) => {
                if let Some(unflushed) = done.unflushed {
                    flusher::arm(&DISK, unflushed, self.key.1.lock_form);
                }
                for (answer, outcome) in answers.into_iter().zip(done.outcomes) {
                    answer(Ok(outcome));
                }
            }
            // All waits have ended before the lock was had.
            Ok(None) => {}
            Err(error) => {
                let error = Arc::new(error);
                let waiting = std::mem::take(&mut lock(&self.queue.state).waiting);
                answers.extend(waiting.into_iter().map(|waiting| waiting.answer));
                for answer in answers {
                    answer(Err(Arc::clone(&error)));
                }
            }
        }
    }
}

/// Makes an empty store off the event loop if there is none.
pub(crate) async fn ensure(store: PathBuf) -> Result<()> {
    background::run("ensure", move || super::create::ensure(DISK.as_ref(), &store)).await?
}

/// Takes the lock for foreign code, at the latest after `wait`.
pub(crate) async fn hold(paths: StorePaths, form: LockForm, wait: Duration) -> Shared<Hold> {
    let deadline = Instant::now() + wait;
    let (answer, hold) = oneshot::channel();
    let key = paths.clone();
    background::detach("hold", move || {
        let acquired = update::resolve(DISK.as_ref(), &key).and_then(|store| {
            super::read::load(DISK.as_ref(), &store)?;
            super::read::refuse_migrated(DISK.as_ref(), &store)?;
            Hold::acquire(&DISK, &store, form, deadline)
        });
        // If the caller no longer waits, the hold is dropped here, which releases the lock.
        let _ = answer.send(acquired);
    });
    match tokio::time::timeout_at(deadline.into(), hold).await {
        Ok(Ok(Ok(Some(hold)))) => Ok(hold),
        Ok(Ok(Err(error))) => Err(Arc::new(error)),
        Ok(Err(_)) => Err(Arc::new(Error::Internal("hold"))),
        Err(_) | Ok(Ok(Ok(None))) => {
            let describe = move || lock_timeout(&paths, wait);
            Err(Arc::new(
                background::run("lock_timeout", describe).await.unwrap_or_else(|fault| fault),
            ))
        }
    }
}

/// Gives the lock back. Answers whether it had been lost.
pub(crate) async fn release(hold: Hold) -> bool {
    let was_lost = hold.is_lost();
    // Removing the lock and waiting for an update under way are calls that block.
    let _ = background::run("release", move || drop(hold)).await;
    was_lost
}

/// A store that another process has left unflushed is flushed later.
pub(crate) fn notice_unflushed(store: &Path) {
    flusher::notice(&DISK, store);
}
