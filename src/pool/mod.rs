//! What gateways tell each other while they ask: reservations, probes, sessions, refusals.

pub(crate) mod choose;
pub(crate) mod file;
