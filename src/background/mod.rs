//! What threads need that work off the event loop.

mod mutex;

pub(crate) use mutex::{lock, wait, wait_for};
