//! What comes of an attempt besides an end: signs of life, a response, a stream that nobody has read.

pub(crate) mod response;
pub(crate) mod script;
pub(crate) mod signs;
pub(crate) mod unread;
