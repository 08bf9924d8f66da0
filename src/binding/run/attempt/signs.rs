//! Signs of life of an attempt: `progress()`, `deliver()`, and the time limits between them.
//!
//! Invariant: a sign costs one reading of the clock and sets no timer. The waiter checks the last sign when a limit may be
//! over; only the first sign wakes it, because then another limit applies.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use napi::Env;
use napi::bindgen_prelude::Function;
use tokio::sync::Notify;

use crate::background::lock;
use crate::pool::choose::Trial;
use crate::rotation::time_limits::{Limit, TimeLimits};

#[derive(Debug)]
pub(crate) struct Signs {
    begun: Instant,
    limits: TimeLimits,
    /// Microseconds since the start, plus one; zero: none yet.
    last: AtomicU64,
    has_delivered: AtomicBool,
    first: Notify,
    /// The first sign shows that the endpoint lives.
    trial: Mutex<Option<Trial>>,
}

impl Signs {
    pub(crate) fn new(limits: TimeLimits, trial: Option<Trial>) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            limits,
            last: AtomicU64::new(0),
            has_delivered: AtomicBool::new(false),
            first: Notify::new(),
            trial: Mutex::new(trial),
        })
    }

    /// The function that tells of a sign; with `true` something of the answer has gone out.
    pub(crate) fn to_js<'env>(
        self: &Arc<Self>,
        env: &'env Env,
    ) -> napi::Result<Function<'env, bool, ()>> {
        let signs = Arc::clone(self);
        env.create_function_from_closure("sign", move |call| {
            if call.get(0)? {
                signs.has_delivered.store(true, Ordering::Relaxed);
            }
            signs.note();
            Ok(())
        })
    }

    fn note(&self) {
        let now = self.begun.elapsed().as_micros() as u64 + 1;
        if self.last.swap(now, Ordering::Relaxed) == 0 {
            self.first.notify_one();
            if let Some(trial) = lock(&self.trial).take() {
                trial.lives();
            }
        }
    }

    /// Something of the answer has gone out.
    pub(crate) fn has_delivered(&self) -> bool {
        self.has_delivered.load(Ordering::Relaxed)
    }

    pub(crate) fn has_any(&self) -> bool {
        self.last().is_some()
    }

    fn last(&self) -> Option<Duration> {
        self.last.load(Ordering::Relaxed).checked_sub(1).map(Duration::from_micros)
    }

    /// `None`: there was no sign.
    pub(crate) fn silent_for(&self) -> Option<Duration> {
        Some(self.begun.elapsed().saturating_sub(self.last()?))
    }

    /// The limit that is over now.
    pub(crate) fn over(&self) -> Option<Limit> {
        let (over, limit) = self.limits.next_over(self.last())?;
        (over <= self.begun.elapsed()).then_some(limit)
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.limits != TimeLimits::default()
    }

    /// How long no limit can be over, whatever signs come.
    pub(crate) fn left(&self) -> Duration {
        let next = self.limits.next_over(self.last()).map(|(over, _)| over);
        let next = next.map_or(Duration::MAX, |over| over.saturating_sub(self.begun.elapsed()));
        // A sign that comes now begins this one.
        self.limits.idle.map_or(next, |idle| next.min(idle))
    }

    /// Ends when a limit is over.
    pub(crate) async fn until_over(&self) {
        while self.over().is_none() {
            let last = self.last();
            let first = async {
                match last {
                    None => self.first.notified().await,
                    Some(_) => std::future::pending().await,
                }
            };
            let timer = async {
                match self.limits.next_over(last) {
                    Some((over, _)) => tokio::time::sleep_until((self.begun + over).into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = first => {}
                () = timer => {}
            }
        }
    }
}
