//! From the bytes of an answer to what it comes to: undecided, content, an error; and at its end complete, cut or failed.

pub(crate) mod framing;
pub(crate) mod json_values;
pub(crate) mod judge;
pub(crate) mod meaning;
#[cfg(test)]
mod meaning_tests;
pub(crate) mod sse;
pub(crate) mod stream_items;
pub(crate) mod token_counts;
