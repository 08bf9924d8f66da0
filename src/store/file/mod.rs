//! The JSON file: paths, lock, atomic replacement, recovery, update, group commit.

pub(crate) mod atomic;
pub(crate) mod commit;
pub(crate) mod create;
pub(crate) mod files;
pub(crate) mod flusher;
pub(crate) mod hold;
mod in_place;
pub(crate) mod lock;
pub(crate) mod paths;
pub(crate) mod read;
pub(crate) mod recovery;
pub(crate) mod seen;
pub(crate) mod side_files;
pub(crate) mod system;
pub(crate) mod update;
