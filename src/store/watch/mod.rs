//! Who changed the store, and what.

pub(crate) mod change;
pub(crate) mod notices;
pub(crate) mod places;
pub(crate) mod watcher;
