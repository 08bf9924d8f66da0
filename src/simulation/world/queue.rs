//! What is to happen, queued by time.

use std::cmp::Ordering;
use std::collections::VecDeque;

use crate::rotation::pool_document::Refusal;
use crate::rotation::reserve::ReservationEnd;
use crate::rotation::run::{Change, Step};
use crate::simulation::oracle::Rest;
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
    Close(Box<Closing>),
    /// The caller has aborted and waits no longer for the booking.
    BookingLate,
    Refuse(Box<Refusal>),
    TakeBack(Vec<Change>),
    /// Of the process; the run is of no matter.
    Crash(usize),
    Boot(usize),
}

/// The steps that are left of closing an attempt. They go on when the run is over.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    pub(crate) account: usize,
    pub(crate) end: Option<ReservationEnd>,
    pub(crate) rest: Option<Rest>,
    pub(crate) steps: VecDeque<Step>,
    pub(crate) change: Option<Change>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Answered,
    Failed,
    Aborted,
    Unavailable,
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
