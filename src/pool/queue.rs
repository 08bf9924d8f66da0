//! Batches changes of a pool: those that arrive while the file is locked are made together in the next turn.
//!
//! One thread a pool, which ends after a while without changes. After each turn the file stays unlocked for as long as
//! the turn took; otherwise other processes would always find it locked.

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, LazyLock, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::background::{self, lock, wait_for};
use crate::rotation::pool_document::Pool;
use crate::time::WallMs;

/// How long the thread waits for more: the next change then finds one, and an idle process has none.
const LINGERS: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// A change, and what is called when it is made.
pub(crate) struct Change {
    pub now: WallMs,
    pub work: Box<dyn FnMut(&mut Pool) + Send>,
    pub done: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Change").field("now", &self.now).finish_non_exhaustive()
    }
}

/// How a turn changes the pool: once, with everything that is to be done in it.
pub(crate) type Turn = Box<dyn Fn(WallMs, &mut dyn FnMut(&mut Pool)) + Send>;

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    added: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Change>,
    has_thread: bool,
    is_busy: bool,
}

static QUEUES: LazyLock<Mutex<HashMap<Vec<PathBuf>, Arc<Queue>>>> = LazyLock::new(Mutex::default);
/// Whenever a turn has ended.
static ENDED: LazyLock<Notify> = LazyLock::new(Notify::new);

/// Queues a change of the pool beside one of these stores. If no thread can be started, the change and its callback are
/// dropped.
pub(crate) fn push(pool: Vec<PathBuf>, change: Change, turn: impl FnOnce() -> Turn) {
    let queue = Arc::clone(lock(&QUEUES).entry(pool).or_default());
    let mut state = lock(&queue.state);
    state.waiting.push(change);
    if state.has_thread {
        return queue.added.notify_one();
    }
    let (own, turn) = (Arc::clone(&queue), turn());
    state.has_thread = background::detach("pool", move || own.serve(&turn));
    if !state.has_thread {
        state.waiting.clear();
    }
}

impl Queue {
    fn serve(&self, turn: &Turn) {
        let mut pause = Duration::ZERO;
        loop {
            let mut state = lock(&self.state);
            if state.waiting.is_empty() {
                pause = Duration::ZERO;
                state = wait_for(&self.added, state, LINGERS);
            }
            if state.waiting.is_empty() {
                // Under the same lock as the last check, so that no change is left behind.
                state.has_thread = false;
                return;
            }
            state.is_busy = true;
            drop(state);
            std::thread::sleep(pause);
            let waiting = std::mem::take(&mut lock(&self.state).waiting);
            let started = Instant::now();
            make(waiting, turn);
            pause = started.elapsed().min(LONGEST_PAUSE);
            lock(&self.state).is_busy = false;
            ENDED.notify_waiters();
        }
    }

    fn is_idle(&self) -> bool {
        let state = lock(&self.state);
        !state.is_busy && state.waiting.is_empty()
    }
}

/// One turn. If one change panics, it gets no answer and the others do.
fn make(mut waiting: Vec<Change>, turn: &Turn) {
    let now = waiting.iter().map(|change| change.now).fold(WallMs::default(), WallMs::later);
    let mut is_made = vec![false; waiting.len()];
    let mut work = |pool: &mut Pool| {
        for (change, is_made) in waiting.iter_mut().zip(&mut is_made) {
            *is_made = catch_unwind(AssertUnwindSafe(|| (change.work)(pool))).is_ok();
        }
    };
    // If the turn itself panics, none of its changes counts.
    if catch_unwind(AssertUnwindSafe(|| turn(now, &mut work))).is_err() {
        return;
    }
    for (change, is_made) in waiting.into_iter().zip(is_made) {
        if is_made {
            (change.done)();
        }
    }
}

fn is_idle() -> bool {
    let queues: Vec<_> = lock(&QUEUES).values().map(Arc::clone).collect();
    queues.iter().all(|queue| queue.is_idle())
}

/// Waits until every change that was pushed is made.
pub(crate) async fn idle() {
    loop {
        let ended = ENDED.notified();
        if is_idle() {
            return;
        }
        ended.await;
    }
}

/// The same on this thread, at most until then.
pub(crate) fn idle_by(deadline: Instant) {
    while !is_idle() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    /// A queue of its own whose turns are told.
    fn push(name: &str, turns: &mpsc::Sender<()>, change: Change) {
        let turns = turns.clone();
        super::push(vec![name.into()], change, || {
            Box::new(move |_, work| {
                turns.send(()).unwrap();
                work(&mut Pool::default());
            })
        });
    }

    fn change(
        work: impl FnMut(&mut Pool) + Send + 'static,
        done: impl FnOnce() + Send + 'static,
    ) -> Change {
        Change { now: NOW, work: Box::new(work), done: Box::new(done) }
    }

    #[test]
    fn changes_that_come_during_a_turn_share_the_next_one_in_their_order() {
        let (told, turns) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel();
        let (let_go, is_let_go) = mpsc::channel::<()>();
        let (done, order) = mpsc::channel();
        let first = move |_: &mut Pool| {
            begun.send(()).unwrap();
            is_let_go.recv().unwrap();
        };
        push("shared", &told, change(first, || {}));
        has_begun.recv().unwrap();
        for number in 0..5 {
            let done = done.clone();
            push("shared", &told, change(|_| {}, move || done.send(number).unwrap()));
        }
        let_go.send(()).unwrap();
        assert_eq!(order.iter().take(5).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(turns.try_iter().count(), 2);
    }

    #[test]
    fn a_change_that_panics_is_not_done_and_costs_the_others_nothing() {
        let (told, _turns) = mpsc::channel();
        let (done, order) = mpsc::channel();
        let of = |name: &'static str| {
            let done = done.clone();
            move || done.send(name).unwrap()
        };
        push("panics", &told, change(|_| panic!("mine"), of("bad")));
        push("panics", &told, change(|_| {}, of("good")));
        drop(done);
        assert_eq!(order.iter().collect::<Vec<_>>(), ["good"]);
    }
}
