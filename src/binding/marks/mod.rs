//! Marks and the held lock: what a host reports of a profile.

pub(crate) mod functions;
pub(crate) mod hold;
pub(crate) mod outcome;
pub(crate) mod report;
pub(crate) mod stats;
pub(crate) mod types;
