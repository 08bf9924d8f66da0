//! What differs from one operating system to the next.

pub(super) mod attributes;
pub(crate) mod identity;
pub(crate) mod locks;
pub(super) mod mounts;
pub(crate) mod real_name;
pub(super) mod rename_new;
pub(super) mod touch;
