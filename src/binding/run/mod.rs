//! The caller's loop: `runWithAuthProfiles` and `settleAttempt`.

pub(crate) mod attempt;
pub(crate) mod book;
pub(crate) mod end;
pub(crate) mod functions;
pub(crate) mod input;
pub(crate) mod outcome;
pub(crate) mod report;
pub(crate) mod settle;
pub(crate) mod types;
