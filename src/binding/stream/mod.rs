//! The Cloud Code Assist request as a stream, a promise or a request that is only built.

pub(crate) mod batch;
pub(crate) mod build;
pub(crate) mod collected_call;
pub(crate) mod errors;
pub(crate) mod functions;
pub(crate) mod handle;
pub(crate) mod operation;
pub(crate) mod option_values;
mod parameters;
pub(crate) mod runtime;
pub(crate) mod types;
