//! What the command line says: lines, times, words, JSON.

pub(crate) mod for_programs;
pub(crate) mod line;
pub(crate) mod login_words;
pub(crate) mod terminal;
pub(crate) mod time_words;
pub(crate) mod words;
