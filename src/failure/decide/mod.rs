//! What the evidence means: class, scope and wait. The rules and their tables.

pub(crate) mod classify;
pub(crate) mod codes;
pub(crate) mod explain;
pub(crate) mod given_rules;
pub(crate) mod hint;
pub(crate) mod limits;
pub(crate) mod own_rules;
pub(crate) mod phrase_list;
pub(crate) mod phrases;
pub(crate) mod response_hint;
pub(crate) mod rules;
pub(crate) mod scope;
pub(crate) mod signals;
pub(crate) mod thrown_codes;
