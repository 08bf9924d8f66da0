//! One request: options, endpoint, client, attempts, timers, outcome.

pub(crate) mod deadline;
pub(crate) mod delivery;
pub(crate) mod endpoint;
pub(crate) mod exchange;
pub(crate) mod fault;
pub(crate) mod outcome;
pub(crate) mod policy;
pub(crate) mod prepared;
pub(crate) mod progress;
pub(crate) mod response_body;
pub(crate) mod retries;
