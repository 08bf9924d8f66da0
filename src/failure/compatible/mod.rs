//! Readings that must agree with other programs, text for text, quirks included.

pub(crate) mod host_reason;
pub(crate) mod legacy_delay;
