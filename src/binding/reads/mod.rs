//! Readers: cooldowns, orders, the whole store, and where every profile stands.

pub(crate) mod cooldowns;
pub(crate) mod describe;
pub(crate) mod profile_order;
