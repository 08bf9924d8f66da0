//! Waits: for what runs on another thread, and for a promise of JavaScript's.

pub(crate) mod resume;
pub(crate) mod settled;
