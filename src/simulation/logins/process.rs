//! One process on its way through a renewal.

use crate::rotation::login::oauth_login::{Login, Renewal};

/// How far it is. Between two steps anything may happen, its death too.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// It reads the login.
    Reads,
    /// It takes the lease of the login that it has read, or comes again.
    Takes(Login),
    /// It has the lease, and reads once more.
    ReadsAgain(Login),
    /// It notes that the token is about to be spent.
    Notes(Login),
    /// It sends the token.
    Sends(Login),
    /// It has the server's answer, which nobody else has.
    Saves(Login, Renewal),
    /// What it has saved stands in the store; it ends its lease.
    Ends {
        spent: Login,
        kept: Login,
    },
    /// The server has refused the token.
    Gives(Login),
    /// It asks with the access token.
    Asks(Login),
    Done,
}

/// What a careless program leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    Nothing,
    /// It does not wait for the lease.
    Lease,
    /// It sends what it read before it had the lease.
    SecondLook,
    /// It ends the lease before what came of it is saved.
    SaveFirst,
    /// It writes over whatever stands there.
    Comparison,
    /// It asks before it has saved.
    Patience,
    /// It sends the token without a note.
    Note,
}

#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) step: Step,
    pub(super) is_alive: bool,
}

impl Process {
    pub(super) fn new(pid: u32) -> Self {
        Self { pid, step: Step::Reads, is_alive: true }
    }

    /// Whether something is left to do.
    pub(super) fn goes_on(&self) -> bool {
        self.is_alive && !matches!(self.step, Step::Done)
    }

    /// An answer that only it has.
    pub(super) fn holds_an_answer(&self) -> bool {
        matches!(self.step, Step::Saves(..))
    }
}
