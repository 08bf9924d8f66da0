//! What an attempt has besides its function: a secret to look up, signs of life, a response that says no, a stream that
//! nobody has read.

pub(crate) mod response;
pub(crate) mod script;
pub(crate) mod secret;
pub(crate) mod signs;
pub(crate) mod unread;
