//! Signs of life of an attempt: `progress()`, `deliver()`, and the time limits between them.
//!
//! Invariants: a sign costs one reading of the clock and sets no timer; the waiter checks the last sign when a limit may be
//! over. A limit is over at the second look only: a thread that was busy hears of a limit before it hears of what the server
//! sent meanwhile, and that would be taken for silence.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function};

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
    /// When a limit was over at the first look, and when the second one is due.
    first_look: Mutex<Option<(Duration, Duration)>>,
    /// The first sign shows that the endpoint lives.
    trial: Mutex<Option<Trial>>,
}

/// Between the looks the thread goes through its events once more; after a long absence there are many.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

thread_local! {
    /// A function of JavaScript's for each attempt would cost more than its signs.
    static HEARD: RefCell<HashMap<u32, Arc<Signs>>> = RefCell::default();
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

/// An attempt whose signs are heard, until this is dropped.
#[derive(Debug)]
pub(crate) struct SignsKey(u32);

impl SignsKey {
    pub(crate) fn number(&self) -> u32 {
        self.0
    }
}

impl Drop for SignsKey {
    fn drop(&mut self) {
        // At the end of the thread they may be gone.
        let _ = HEARD.try_with(|heard| heard.borrow_mut().remove(&self.0));
    }
}

/// What JavaScript calls with an attempt's number: a sign of life, and with `true` something of the answer has gone out.
/// After the attempt it means nothing.
pub(crate) fn sign(env: &Env) -> napi::Result<Function<'_, FnArgs<(u32, bool)>, ()>> {
    env.create_function_from_closure("sign", |call| {
        let heard = HEARD.with_borrow(|heard| Some(Arc::clone(heard.get(&call.get(0).ok()?)?)));
        if let Some(signs) = heard {
            signs.hear(call.get(1)?);
        }
        Ok(())
    })
}

impl Signs {
    pub(crate) fn new(limits: TimeLimits, trial: Option<Trial>) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            limits,
            last: AtomicU64::new(0),
            has_delivered: AtomicBool::new(false),
            first_look: Mutex::default(),
            trial: Mutex::new(trial),
        })
    }

    /// From now on the functions of JavaScript tell of this attempt's signs by its number.
    pub(crate) fn listen(self: &Arc<Self>) -> SignsKey {
        let key = NEXT.replace(NEXT.get().wrapping_add(1));
        HEARD.with_borrow_mut(|heard| heard.insert(key, Arc::clone(self)));
        SignsKey(key)
    }

    fn hear(&self, is_delivery: bool) {
        if is_delivery {
            self.has_delivered.store(true, Ordering::Relaxed);
        }
        let now = self.begun.elapsed().as_micros() as u64 + 1;
        let is_first = self.last.swap(now, Ordering::Relaxed) == 0;
        if is_first && let Some(trial) = lock(&self.trial).take() {
            trial.lives();
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

    /// The limit that is over, and was so at an earlier look.
    pub(crate) fn over(&self) -> Option<Limit> {
        let (over, limit) = self.limits.next_over(self.last())?;
        let now = self.begun.elapsed();
        let late = now.checked_sub(over)?;
        let second = self.second_look(over).unwrap_or_else(|| {
            let second = now + late.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            *lock(&self.first_look) = Some((over, second));
            second
        });
        (second <= now).then_some(limit)
    }

    /// `None`: nobody has seen yet that this limit is over.
    fn second_look(&self, over: Duration) -> Option<Duration> {
        lock(&self.first_look).filter(|(seen, _)| *seen == over).map(|(_, second)| second)
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.limits != TimeLimits::default()
    }

    /// How long no limit can be over, whatever signs come.
    pub(crate) fn left(&self) -> Duration {
        let next = self.limits.next_over(self.last());
        let next = next.map(|(over, _)| self.second_look(over).unwrap_or(over));
        let next = next.map_or(Duration::MAX, |over| over.saturating_sub(self.begun.elapsed()));
        // A sign that comes now begins this one.
        self.limits.idle.map_or(next, |idle| next.min(idle))
    }
}
