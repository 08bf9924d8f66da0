//! What is to happen, queued by time.

use std::cmp::Ordering;

use crate::profiles::stats::Success;
use crate::rotation::pool_document::Refusal;
use crate::rotation::reserve::{Outcome, ReservationEnd};
use crate::simulation::rest::Rest;
use crate::simulation::server::Reply;
use crate::time::WallMs;

#[derive(Debug, Clone)]
pub(crate) enum Happening {
    Start,
    /// With the client's time: it was read before the pool's lock was had.
    Choose(WallMs),
    /// A look for the verdict of a probe.
    Look,
    Arrive,
    Answer(Reply),
    TimeOut,
    Abort,
    /// The end of a reservation, after its booking.
    Release(Box<Release>),
    /// What came of a trial, before it is booked.
    Hear(Box<Told>),
    Refuse(Box<Refusal>),
    /// An update of the store by a process, of this generation.
    Write(usize, u64),
    /// The timer of its lease.
    Renew(usize, u64),
    /// Of the process; the run does not matter.
    Crash(usize),
    Boot(usize),
}

/// What becomes known to all when its process has written it.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) run: usize,
    pub(crate) attempt: usize,
    pub(crate) account: usize,
    pub(crate) end: Option<ReservationEnd>,
    pub(crate) rest: Option<Rest>,
    pub(crate) answered: Option<Success>,
    pub(crate) outcome: Outcome,
    pub(crate) ended_at: WallMs,
    /// Taken back before that.
    pub(crate) is_undone: bool,
}

/// A reservation that ends whatever becomes of its run, but not without its process.
#[derive(Debug, Clone)]
pub(crate) struct Release {
    pub(crate) attempt: usize,
    pub(crate) end: Option<ReservationEnd>,
    pub(crate) outcome: Outcome,
    pub(crate) process: usize,
    pub(crate) generation: u64,
}

/// What came of an attempt that others wait for.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) attempt: usize,
    pub(crate) end: ReservationEnd,
    pub(crate) outcome: Outcome,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Answered,
    Failed,
    Aborted,
    Unavailable,
    Outage,
    Refused,
    Crashed,
}

/// What is queued. The tie is drawn, so events of one moment come in any order.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) at: WallMs,
    pub(crate) tie: u64,
    pub(crate) run: usize,
    /// The attempt that it belongs to; a late event of another one is void.
    pub(crate) attempt: usize,
    pub(crate) happening: Happening,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Queued {}
impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(self.at).then(other.tie.cmp(&self.tie))
    }
}
