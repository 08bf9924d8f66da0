//! What has happened to a request so far: readable at any moment, also when it is cut short.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::outcome::Facts;
use crate::failure::Failure;
use crate::time::WallMs;

#[derive(Debug)]
pub(crate) struct Progress {
    requests: AtomicU32,
    events: AtomicU64,
    last_failure: Mutex<Option<Failure>>,
    started: Instant,
    started_at: WallMs,
}

impl Progress {
    pub(crate) fn new(started_at: WallMs) -> Self {
        Self {
            requests: AtomicU32::new(0),
            events: AtomicU64::new(0),
            last_failure: Mutex::new(None),
            started: Instant::now(),
            started_at,
        }
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_events(&self, events: u64) {
        self.events.fetch_add(events, Ordering::Relaxed);
    }

    pub(crate) fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    pub(crate) fn remember(&self, failure: &Failure) {
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
    }

    pub(crate) fn last_failure(&self) -> Option<Failure> {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wall clock: the caller's own at the call, and what has passed since.
    pub(crate) fn now(&self) -> WallMs {
        self.started_at + self.started.elapsed()
    }

    pub(crate) fn facts(&self) -> Facts {
        let events_delivered = self.events();
        Facts {
            requests: self.requests.load(Ordering::Relaxed),
            events_delivered,
            replay_safe: events_delivered == 0,
        }
    }
}
