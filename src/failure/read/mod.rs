//! What a response or a thrown value says, whoever wrote it: body, headers, words, times. No judgement.

pub(crate) mod body;
pub(crate) mod clock;
pub(crate) mod duration;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod headers;
pub(crate) mod json;
pub(crate) mod own_words;
pub(crate) mod printed_status;
pub(crate) mod spoken;
pub(crate) mod timestamp;
pub(crate) mod wait;
pub(crate) mod windows;
