//! What is to happen: the steps of a run, queued by time.

use std::cmp::Ordering;

use crate::rotation::pool::Refusal;
use crate::rotation::simulation::oracle::Rest;
use crate::rotation::simulation::server::Reply;
use crate::store::edits::marks::Mark;

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Start,
    /// With the client's time: it was read before the pool's lock was had.
    Choose(f64),
    Arrive,
    Answer(Reply),
    TimeOut,
    Abort,
    Book(Box<Booking>),
    Release(Box<Booking>),
    Refuse(Box<Refusal>),
    Restore,
    /// Of the process; the run is of no matter.
    Crash(usize),
    Boot(usize),
}

/// What is to be written at the end of an attempt, and what comes then.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    pub(crate) mark: Option<Mark>,
    pub(crate) rest: Option<Rest>,
    pub(crate) is_success: bool,
    pub(crate) next: Next,
    pub(crate) is_written: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Choose,
    End(End),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rotation::simulation) enum End {
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
    pub(crate) at: f64,
    pub(crate) tie: u64,
    pub(crate) run: usize,
    /// The attempt that it belongs to; a late event of another one is void.
    pub(crate) attempt: usize,
    pub(crate) step: Step,
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
        other.at.total_cmp(&self.at).then(other.tie.cmp(&self.tie))
    }
}
