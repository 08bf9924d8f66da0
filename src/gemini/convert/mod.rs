//! From the caller's context to a request body.

pub(crate) mod body;
pub(crate) mod contents;
pub(crate) mod context;
pub(crate) mod history;
pub(crate) mod parts;
pub(crate) mod tool_result;
pub(crate) mod tools;
