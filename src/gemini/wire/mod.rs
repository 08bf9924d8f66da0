//! From bytes of the response to events.

pub(crate) mod assemble;
pub(crate) mod chunk;
