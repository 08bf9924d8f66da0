//! Edits by hand: order, upsert, remove, pause.

pub(crate) mod functions;
pub(crate) mod types;
