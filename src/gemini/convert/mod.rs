//! From the caller's context to a request body.

pub(crate) mod contents;
pub(crate) mod context;
pub(crate) mod history;
pub(crate) mod parts;
pub(crate) mod request_body;
pub(crate) mod tool_result;
pub(crate) mod tools;
