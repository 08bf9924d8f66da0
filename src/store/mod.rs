//! The shared `auth-profiles.json`: paths, document, locks, atomic write and update.
//!
//! An edit goes through these layers: [`commit`] (edits that wait in this process share one update) ->
//! [`update`] (lock, read, change, write) -> [`lock`], [`read`], [`atomic`] -> [`files`] (system calls). What
//! the relaxed mode puts off is done by [`recovery`] and the flusher.

pub mod atomic;
pub mod candidates;
pub mod choose;
pub mod commit;
pub mod create;
mod deadline;
pub mod document;
pub mod edits;
pub mod files;
mod flusher;
pub mod hold;
pub mod lock;
pub mod marks;
mod members;
pub mod object_text;
pub mod overlay;
pub mod paths;
pub mod pool;
pub mod read;
pub mod recovery;
pub mod update;
pub mod usage_text;
pub mod watch;
mod watch_change;
pub(crate) mod watch_notices;
mod watch_places;

#[cfg(test)]
mod tests;
