//! The only folder that names `napi`. Every function converts in, makes one domain call and converts out.

pub(crate) mod error;
pub(crate) mod host;
