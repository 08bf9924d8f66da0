//! The JSON file: paths, lock, atomic replacement, recovery, update, group commit.

pub(crate) mod atomic;
pub(crate) mod commit;
pub(crate) mod create;
pub(crate) mod deadline;
pub(crate) mod files;
pub(crate) mod flusher;
pub(crate) mod hold;
pub(crate) mod lock;
pub(crate) mod paths;
pub(crate) mod read;
pub(crate) mod recovery;
pub(crate) mod update;
