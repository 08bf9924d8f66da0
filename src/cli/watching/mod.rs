//! `watch`: when to look again, what has happened since, and how it is shown.

pub(crate) mod changes;
pub(crate) mod live;
pub(crate) mod trigger;
