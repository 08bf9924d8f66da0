//! The parts of an attempt besides its function: a secret to look up, signs of life, a failed response, an unread stream.

pub(crate) mod response;
pub(crate) mod script;
pub(crate) mod secret;
pub(crate) mod signs;
pub(crate) mod unread;
