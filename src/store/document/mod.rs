//! The text of a store, changed in place, byte for byte.

pub(crate) mod members;
pub(crate) mod object_text;
pub(crate) mod overlay;
pub(crate) mod text;
pub(crate) mod usage_text;
