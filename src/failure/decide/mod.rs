//! What the evidence means: class, scope and wait. The rules and their tables.

pub(crate) mod classify;
pub(crate) mod hint;
pub(crate) mod host_reason;
pub(crate) mod legacy_delay;
pub(crate) mod own_record;
pub(crate) mod phrases;
pub(crate) mod reasons;
pub(crate) mod rules;
pub(crate) mod scope;
