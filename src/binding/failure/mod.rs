//! Classification: JavaScript evidence in, a plain record out.

pub(crate) mod evidence;
pub(crate) mod failure_object;
pub(crate) mod finding_types;
pub(crate) mod functions;
pub(crate) mod hint_types;
mod mirrors;
pub(crate) mod properties;
pub(crate) mod read_rules;
pub(crate) mod thrown;
pub(crate) mod types;
