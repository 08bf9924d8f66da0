//! The caller's loop: `runWithAuthProfiles` and `settleAttempt`.

pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod attempt;
pub(crate) mod driver;
pub(crate) mod functions;
pub(crate) mod refreshing;
pub(crate) mod report;
pub(crate) mod run_params;
pub(crate) mod settle_attempt;
pub(crate) mod thread_end;
pub(crate) mod types;
