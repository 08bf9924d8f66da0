//! Durations and points in time, as headers, fields and sentences write them.

pub(crate) mod clock;
pub(crate) mod duration;
pub(crate) mod spoken;
pub(crate) mod timestamp;
