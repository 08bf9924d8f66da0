//! What the command line says: lines, times, words, JSON.

pub(crate) mod json;
pub(crate) mod line;
pub(crate) mod terminal;
pub(crate) mod time;
pub(crate) mod words;
