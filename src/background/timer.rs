//! Timers: one thread sleeps until the next task is due.
//!
//! Each task runs on a thread of its own: it may wait for a lock or a disk, which must not delay the next task, such as a
//! heartbeat. One that only tells somebody runs on the timer's.
//!
//! Invariant: the timer thread exists while a task is scheduled, and only then.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::{detach, lock, wait_for};

type Work = Box<dyn FnOnce() + Send>;

/// When a task is due, and a number that tells apart tasks due at the same time.
type Key = (Instant, u64);

struct Timer {
    tasks: BTreeMap<Key, Due>,
    next_number: u64,
    has_thread: bool,
    /// Until when its thread sleeps, if nobody wakes it.
    sleeps_until: Option<Instant>,
}

/// What is to be done, and on which thread, if not on the timer's.
struct Due {
    thread: Option<&'static str>,
    work: Work,
}

static TIMER: Mutex<Timer> = Mutex::new(Timer {
    tasks: BTreeMap::new(),
    next_number: 0,
    has_thread: false,
    sleeps_until: None,
});
static EARLIER: Condvar = Condvar::new();

/// A scheduled task. Dropping this does not cancel it; see [`Task::cancel`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task(Key);

impl Task {
    /// Does nothing if the work has begun.
    pub(crate) fn cancel(self) {
        let work = lock(&TIMER).tasks.remove(&self.0);
        // Dropped after the lock is released: the work may hold anything.
        drop(work);
    }
}

/// Runs `work` after `delay`, on a thread called `name`. `None` if the system has no thread left.
pub(crate) fn after(
    delay: Duration,
    name: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Option<Task> {
    at(Instant::now() + delay, name, work)
}

/// Runs `work` at `due`, on a thread called `name`. `None` if the system has no thread left.
pub(crate) fn at(
    due: Instant,
    name: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Option<Task> {
    schedule(due, Due { thread: Some(name), work: Box::new(work) })
}

/// Runs `tell` after `delay`, on the timer's own thread: it must neither wait nor take long.
pub(crate) fn tell_after(delay: Duration, tell: impl FnOnce() + Send + 'static) -> Option<Task> {
    // A limit may be as long as numbers go.
    let due = Instant::now().checked_add(delay)?;
    schedule(due, Due { thread: None, work: Box::new(tell) })
}

fn schedule(at: Instant, due: Due) -> Option<Task> {
    let mut timer = lock(&TIMER);
    let key = (at, timer.next_number);
    timer.next_number += 1;
    timer.tasks.insert(key, due);
    if timer.has_thread {
        // Each request has limits, and ends before them: waking the thread for each would cost more than the timer.
        if timer.sleeps_until.is_some_and(|until| at < until) {
            timer.sleeps_until = Some(at);
            EARLIER.notify_one();
        }
        return Some(Task(key));
    }
    timer.has_thread = detach("timer", start_what_is_due);
    if !timer.has_thread {
        timer.tasks.remove(&key);
        return None;
    }
    Some(Task(key))
}

fn start_what_is_due() {
    let mut timer = lock(&TIMER);
    while let Some((&(at, _), _)) = timer.tasks.first_key_value() {
        let now = Instant::now();
        if now < at {
            timer.sleeps_until = Some(at);
            timer = wait_for(&EARLIER, timer, at - now);
            timer.sleeps_until = None;
            continue;
        }
        if let Some((_, Due { thread, work })) = timer.tasks.pop_first() {
            drop(timer);
            match thread {
                Some(name) => _ = detach(name, work),
                None => work(),
            }
            timer = lock(&TIMER);
        }
    }
    timer.has_thread = false;
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_earlier_one_is_first_whenever_it_was_asked_for() {
        let (done, order) = mpsc::channel();
        let later = done.clone();
        after(Duration::from_millis(60), "test", move || later.send("later").unwrap()).unwrap();
        after(Duration::ZERO, "test", move || done.send("earlier").unwrap()).unwrap();
        assert_eq!(order.iter().collect::<Vec<_>>(), ["earlier", "later"]);
    }

    #[test]
    fn what_is_cancelled_does_not_happen() {
        let (done, order) = mpsc::channel();
        let cancelled = done.clone();
        let task = after(Duration::from_millis(30), "test", move || cancelled.send(1).unwrap());
        after(Duration::from_millis(60), "test", move || done.send(2).unwrap()).unwrap();
        task.unwrap().cancel();
        assert_eq!(order.iter().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn what_only_tells_comes_in_its_time_too() {
        let (done, order) = mpsc::channel();
        let (soon, never) = (done.clone(), done.clone());
        let cancelled = tell_after(Duration::from_millis(20), move || never.send("never").unwrap());
        after(Duration::from_millis(60), "test", move || done.send("later").unwrap()).unwrap();
        // Earlier than what the thread sleeps for.
        tell_after(Duration::from_millis(30), move || soon.send("soon").unwrap()).unwrap();
        cancelled.unwrap().cancel();
        assert_eq!(order.iter().collect::<Vec<_>>(), ["soon", "later"]);
    }

    #[test]
    fn a_time_that_no_clock_reaches_never_comes() {
        assert!(tell_after(Duration::MAX, || ()).is_none());
    }

    #[test]
    fn one_that_takes_long_delays_no_other() {
        let (release, released) = mpsc::channel::<()>();
        let (done, order) = mpsc::channel();
        let slow = done.clone();
        after(Duration::ZERO, "test", move || {
            let _ = released.recv();
            slow.send("slow").unwrap();
        })
        .unwrap();
        after(Duration::from_millis(1), "test", move || {
            done.send("quick").unwrap();
            drop(release);
        })
        .unwrap();
        assert_eq!(order.iter().collect::<Vec<_>>(), ["quick", "slow"]);
    }
}
