//! What the caller passes: model, options, credentials.

pub(crate) mod api_key;
pub(crate) mod model;
pub(crate) mod request_options;
pub(crate) mod thinking;
pub(crate) mod usage;
