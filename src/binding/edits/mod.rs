//! Edits by hand: order, upsert, remove.

pub(crate) mod functions;
pub(crate) mod types;
