//! What differs from one operating system to the next.

pub(super) mod attributes;
pub(super) mod mounts;
pub(super) mod rename_new;
