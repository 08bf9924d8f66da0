//! What can happen to a run.

use super::action::Notice;
use crate::error::Error;
use crate::failure::Failure;
use crate::rotation::accounts::Standing;
use crate::rotation::choice::Choice;
use crate::rotation::verdict::Circumstances;

#[derive(Debug)]
pub(crate) enum Event {
    /// `Action::Choose` or `Action::Wait` is done. Who was chosen is reserved.
    Chosen(Chosen),
    Answered,
    /// It returned an unread stream.
    Unread,
    Failed(Failed),
    /// The attempt's time is over; the failure is our own timeout.
    TimeLimit(Failed),
    /// It failed for its old access token, and its login is renewed, which the notice tells: the same account is asked
    /// again.
    Renewed(Failed, Notice),
    /// Its login is being renewed by somebody else: another account is asked first.
    Postponed(Failed),
    /// `Action::Refuse` is done. False: another request met the same, so the accounts are at fault.
    RefusalBooked(bool),
    CallerAborted,
    /// The store cannot be read, or the driver cannot go on.
    Broken(Error),
}

/// What choosing came to.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub choice: Choice,
    /// Where every profile stands, in order.
    pub standings: Vec<Standing>,
}

/// A failed attempt.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub failure: Failure,
    pub circumstances: Circumstances,
}
