//! What a driver is to do for a run.

use std::time::Duration;

use crate::error::{Error, Outage, Unavailable};
use crate::failure::Failure;
use crate::profiles::booking::Report;
use crate::profiles::stats::Success;
use crate::rotation::accounts::Standing;
use crate::rotation::endpoint::rest::EndpointNews;
use crate::rotation::pool_document::Refusal;
use crate::rotation::reserve::Outcome;
use crate::time::WallMs;

#[derive(Debug)]
pub(crate) enum Action {
    /// Choose and reserve in one step: `Event::Chosen`.
    Choose,
    /// Choose until there is nothing to wait for (`Choice::is_waited_for`): `Event::Chosen`.
    Wait { deadline: WallMs },
    /// Ask the reserved profile: `Event::Answered`, `Failed` or `TimeLimit`.
    Ask { profile: String, attempt: usize },
    /// Abort the attempt under way.
    AbortAttempt(AbortReason),
    /// Book the attempt's result, which holds in this process at once. When it is written, end the reservation. The run
    /// does not wait for that.
    Close(Booking),
    /// End the reservation, without waiting for it.
    Release,
    /// Tell the listener. It may abort.
    Tell(Notice),
    /// Book a refusal on the request instead of the accounts: `Event::RefusalBooked`.
    Refuse(Refusal),
    /// Undo what this run has booked of failures.
    TakeBack,
    /// The run is over.
    Finish(Finish),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AbortReason {
    /// The caller's own reason.
    Caller,
    /// A `TimeoutError`.
    TimeLimit,
}

/// What is to be written of an attempt.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    pub profile: String,
    pub result: AttemptResult,
    /// Others choose by it: a failure, or the success of a probe.
    pub is_awaited: bool,
    /// When the attempt ended.
    pub now: WallMs,
    /// What it says of the endpoint.
    pub news: Option<EndpointNews>,
}

impl Booking {
    /// For the end of its reservation.
    #[must_use]
    pub(crate) fn outcome(&self) -> Outcome {
        let is_answered = !matches!(self.result, AttemptResult::Failed { .. });
        Outcome { is_answered, news: self.news }
    }
}

/// What an attempt came to.
#[derive(Debug, Clone)]
pub(crate) enum AttemptResult {
    Answered(Success),
    /// An unread stream: it may still fail.
    Unread,
    Failed {
        report: Box<Report>,
        /// By which share a generic cooldown is longer than its ladder says.
        stretch: f64,
    },
}

/// An attempt that is over.
#[derive(Debug, Clone)]
pub(crate) struct FinishedAttempt {
    pub profile: String,
    pub started_at: WallMs,
    pub ended_at: WallMs,
    /// `None`: it answered.
    pub failure: Option<Failure>,
}

/// What the listener is told. `Failed` and `Succeeded` are about the last attempt.
#[derive(Debug, Clone)]
pub(crate) enum Notice {
    Skipped(Standing),
    Waiting {
        profile: String,
        until: WallMs,
    },
    Attempt {
        profile: String,
        attempt: usize,
        is_probe: bool,
    },
    Failed {
        /// It concerns the account, and is booked.
        is_booked: bool,
    },
    Succeeded,
    /// A login was renewed, by process `pid` if that is known. Told by the driver.
    Refreshed {
        profile: String,
        pid: Option<u32>,
        expires: Option<WallMs>,
    },
    /// Until then the endpoint rests, or is probed.
    EndpointRests {
        provider: String,
        until: WallMs,
    },
    Refused {
        until: WallMs,
    },
    Unavailable {
        next: Option<(String, WallMs)>,
    },
}

/// How a run ends.
#[derive(Debug)]
pub(crate) enum Finish {
    Answered,
    /// Another account would not help: the last failure is passed on.
    Failed,
    Aborted,
    /// No profile is left.
    Unavailable(Unavailable),
    /// The endpoint rests for too long, or has failed too often.
    Outage(Outage),
    /// The request is at fault; it is not sent again for this long.
    Refused {
        wait: Duration,
    },
    Broken(Error),
}
