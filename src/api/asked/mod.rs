//! What a request asks for, and where it has its credential.

pub(crate) mod asked_model;
pub(crate) mod base;
pub(crate) mod place;
