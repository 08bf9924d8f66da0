//! Group commit: the edits that wait in this process are applied together.
//!
//! One worker thread a store takes the lock, applies all that wait by then in their order of arrival, writes
//! once and answers each. The event loop and Tokio's workers never wait for a lock.
//!
//! Invariant: every edit is answered, by its outcome or by the end of its own wait. An edit whose wait has
//! ended before the worker took it is never applied.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::candidates::{self, Entry};
use super::files::{Disk, Files};
use super::flusher;
use super::hold::Hold;
use super::lock::{LockForm, describe_holder};
use super::paths::StorePaths;
use super::update::{self, Edit, Outcome, UpdateOptions};
use crate::error::{Error, Result};

/// An error that several edits share.
pub type Shared<T> = std::result::Result<T, Arc<Error>>;

struct Waiting {
    ticket: u64,
    edit: Edit,
    answer: oneshot::Sender<Shared<Outcome>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    has_worker: bool,
}

type Key = (StorePaths, UpdateOptions);

/// Edits only share a write if they lock and write alike, so the options are part of the key.
static QUEUES: LazyLock<Mutex<HashMap<Key, Arc<Mutex<Queue>>>>> = LazyLock::new(Mutex::default);
static NEXT_TICKET: AtomicU64 = AtomicU64::new(0);
static DISK: LazyLock<Arc<dyn Files>> = LazyLock::new(|| Arc::new(Disk));

/// Applies one edit, at the latest after `wait`.
pub async fn submit(
    paths: StorePaths,
    options: UpdateOptions,
    wait: Duration,
    edit: Edit,
) -> Shared<Outcome> {
    let started = Instant::now();
    let key = (paths, options);
    let queue = Arc::clone(lock(&QUEUES).entry(key.clone()).or_default());
    let (answer, outcome) = oneshot::channel();
    let ticket = NEXT_TICKET.fetch_add(1, Ordering::Relaxed);
    enqueue(&key, &queue, Waiting { ticket, edit, answer });

    let mut outcome = outcome;
    if let Ok(answer) = tokio::time::timeout(wait, &mut outcome).await {
        return answer.unwrap_or_else(|_| Err(Arc::new(Error::Internal("commit"))));
    }
    if withdraw(&queue, ticket) {
        return Err(Arc::new(lock_timeout(key.0, started.elapsed()).await));
    }
    // The worker has taken it: it is being written, and the answer is due.
    outcome.await.unwrap_or_else(|_| Err(Arc::new(Error::Internal("commit"))))
}

fn enqueue(key: &Key, queue: &Arc<Mutex<Queue>>, waiting: Waiting) {
    let mut state = lock(queue);
    state.waiting.push_back(waiting);
    if !state.has_worker {
        state.has_worker = true;
        let worker = Worker { key: key.clone(), queue: Arc::clone(queue), retired: false };
        // A runtime that shuts down drops the worker here and now, which locks the queue.
        drop(state);
        tokio::task::spawn_blocking(move || worker.work());
    }
}

/// Takes an edit back; false if the worker was faster.
fn withdraw(queue: &Mutex<Queue>, ticket: u64) -> bool {
    let mut state = lock(queue);
    let before = state.waiting.len();
    state.waiting.retain(|waiting| waiting.ticket != ticket);
    state.waiting.len() != before
}

/// The queue's one worker. Dropping it lets the next edit start another: also when a runtime that shuts down
/// drops the worker before it ran, or an edit panics.
struct Worker {
    key: Key,
    queue: Arc<Mutex<Queue>>,
    retired: bool,
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.retired {
            return;
        }
        let mut state = lock(&self.queue);
        state.has_worker = false;
        // Only what a worker that never ran was to do; the callers see their sender go.
        state.waiting.clear();
    }
}

impl Worker {
    /// One update after the other until nothing waits.
    fn work(mut self) {
        while !self.retired {
            self.update();
            // In one step, so that no edit is left between two workers.
            let mut state = lock(&self.queue);
            state.has_worker = !state.waiting.is_empty();
            self.retired = !state.has_worker;
        }
    }

    fn update(&self) {
        let mut answers = Vec::new();
        let take = || {
            let taken: Vec<Waiting> = lock(&self.queue).waiting.drain(..).collect();
            taken
                .into_iter()
                .map(|waiting| {
                    answers.push(waiting.answer);
                    waiting.edit
                })
                .collect()
        };
        let idle = || lock(&self.queue).waiting.is_empty();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            update::update(&DISK, &self.key.0, self.key.1, take, &idle)
        }))
        .unwrap_or(Err(Error::Internal("update")));
        match outcome {
            Ok(Some(done)) => {
                for (answer, outcome) in answers.into_iter().zip(done.outcomes) {
                    // Nobody listens to an edit whose caller has gone.
                    let _ = answer.send(Ok(outcome));
                }
                if let Some(unflushed) = done.unflushed {
                    flusher::arm(&DISK, unflushed, self.key.1.lock_form);
                }
            }
            // All waits have ended before the lock was had.
            Ok(None) => {}
            Err(error) => {
                let error = Arc::new(error);
                let waiting: Vec<_> = lock(&self.queue).waiting.drain(..).collect();
                answers.extend(waiting.into_iter().map(|waiting| waiting.answer));
                for answer in answers {
                    let _ = answer.send(Err(Arc::clone(&error)));
                }
            }
        }
    }
}

async fn lock_timeout(paths: StorePaths, waited: Duration) -> Error {
    let waited_ms = waited.as_millis() as u64;
    let describe = move || {
        let path = std::fs::canonicalize(&paths.store).unwrap_or(paths.store);
        let (holder, lock_age_ms) = describe_holder(DISK.as_ref(), &path);
        Error::LockTimeout { path, holder, lock_age_ms, waited_ms }
    };
    tokio::task::spawn_blocking(describe).await.unwrap_or(Error::Internal("lock_timeout"))
}

/// Makes an empty store off the event loop if there is none.
pub async fn ensure(store: PathBuf) -> Result<()> {
    tokio::task::spawn_blocking(move || super::create::ensure(DISK.as_ref(), &store))
        .await
        .unwrap_or(Err(Error::Internal("ensure")))
}

/// Takes the lock for foreign code, at the latest after `wait`.
pub async fn hold(paths: StorePaths, form: LockForm, wait: Duration) -> Shared<Hold> {
    let deadline = Instant::now() + wait;
    let (answer, hold) = oneshot::channel();
    let key = paths.clone();
    tokio::task::spawn_blocking(move || {
        let acquired = update::resolve(DISK.as_ref(), &key).and_then(|store| {
            super::read::refuse_migrated(DISK.as_ref(), &store)?;
            Hold::acquire(&DISK, &store, form, deadline)
        });
        // Who has stopped waiting gets nothing, and what was sent is dropped, which releases it.
        let _ = answer.send(acquired);
    });
    match tokio::time::timeout_at(deadline.into(), hold).await {
        Ok(Ok(Ok(Some(hold)))) => Ok(hold),
        Ok(Ok(Err(error))) => Err(Arc::new(error)),
        Ok(Err(_)) => Err(Arc::new(Error::Internal("hold"))),
        Err(_) | Ok(Ok(Ok(None))) => Err(Arc::new(lock_timeout(paths, wait).await)),
    }
}

/// Gives the lock back. Answers whether it had been lost.
pub async fn release(hold: Hold) -> bool {
    let was_lost = hold.is_lost();
    // Removing the lock and waiting for an update under way are calls that block.
    let _ = tokio::task::spawn_blocking(move || drop(hold)).await;
    was_lost
}

/// Reads the store off the event loop, as JSON text in the host's shape.
pub async fn read(paths: StorePaths) -> Result<String> {
    let read = move || {
        let text = super::read::read_merged(DISK.as_ref(), &paths)?;
        flusher::notice(&DISK, &paths.store);
        Ok(text)
    };
    tokio::task::spawn_blocking(read).await.unwrap_or(Err(Error::Internal("read")))
}

/// Which profiles to describe, for which model, at which time.
#[derive(Debug, Clone)]
pub struct DescribeRequest {
    pub paths: StorePaths,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub now: f64,
}

/// Describes the profiles off the event loop.
pub async fn describe(request: DescribeRequest) -> Result<Vec<Entry>> {
    let describe = move || {
        let documents = super::read::load_documents(DISK.as_ref(), &request.paths)?;
        let (provider, model) = (request.provider.as_deref(), request.model.as_deref());
        Ok(candidates::describe(&documents, provider, model, request.now))
    };
    tokio::task::spawn_blocking(describe).await.unwrap_or(Err(Error::Internal("describe")))
}

/// A panic while a queue was locked cannot leave it half changed: every section is one push, drain or flag.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
