//! `watchAuthProfiles`.

pub(crate) mod functions;
pub(crate) mod types;
