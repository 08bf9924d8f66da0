//! Marks and the held lock: what a host reports of a profile.

pub(crate) mod effect;
pub(crate) mod functions;
pub(crate) mod own_request;
pub(crate) mod report;
pub(crate) mod types;
pub(crate) mod with_lock;
