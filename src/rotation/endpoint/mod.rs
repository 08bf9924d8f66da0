//! What all accounts of a provider share: its server, at one address and for one model.

pub(crate) mod base_url;
pub(crate) mod rest;
pub(crate) mod ways;
