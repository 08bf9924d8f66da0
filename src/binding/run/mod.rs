//! The caller's loop: `runWithAuthProfiles` and `settleAttempt`.

pub(crate) mod ask;
pub(crate) mod close;
pub(crate) mod driver;
pub(crate) mod functions;
pub(crate) mod input;
pub(crate) mod outcome;
pub(crate) mod report;
pub(crate) mod settle_attempt;
pub(crate) mod types;
