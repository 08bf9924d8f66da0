//! The shared `auth-profiles.json`: paths, document, locks, atomic write and update.
//!
//! An edit goes through these layers: [`commit`] (edits that wait in this process share one update) ->
//! [`update`] (lock, read, change, write) -> [`lock`], [`read`], [`atomic`] -> [`files`] (system calls). What
//! the relaxed mode puts off is done by [`recovery`] and the flusher.

pub(crate) mod document;
pub(crate) mod edits;
pub(crate) mod file;
pub(crate) mod watch;

#[cfg(test)]
mod tests;
