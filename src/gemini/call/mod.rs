//! What the caller passes: model, options, credentials; read field by field, so that a wrong one is named.

pub(crate) mod credentials;
pub(crate) mod fields;
pub(crate) mod model;
pub(crate) mod options;
pub(crate) mod thinking;
pub(crate) mod usage;
