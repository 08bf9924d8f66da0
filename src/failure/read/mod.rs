//! What a response or a thrown value says, whoever wrote it: body, headers, words, times. No judgement.

pub(crate) mod body;
pub(crate) mod details;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod headers;
pub(crate) mod json;
pub(crate) mod own_words;
pub(crate) mod plan_windows;
pub(crate) mod printed;
pub(crate) mod printed_status;
pub(crate) mod times;
pub(crate) mod wait;
mod wait_fields;
