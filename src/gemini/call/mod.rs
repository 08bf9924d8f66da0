//! What the caller passes: model, options, credentials; read field by field, so that a wrong one is named.

pub(crate) mod api_key;
pub(crate) mod fields;
pub(crate) mod model;
pub(crate) mod request_options;
pub(crate) mod thinking;
pub(crate) mod usage;
