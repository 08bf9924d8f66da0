//! From the caller's context to a request body.

pub(crate) mod body;
pub(crate) mod contents;
pub(crate) mod context;
pub(crate) mod fields;
pub(crate) mod history;
pub(crate) mod literal;
pub(crate) mod model;
pub(crate) mod parts;
pub(crate) mod thinking;
pub(crate) mod tool_result;
pub(crate) mod tools;
