//! The shared `auth-profiles.json`.
//!
//! The modules; each knows only those above it:
//!
//! | module | what it is | touches the disk |
//! |---|---|---|
//! | [`document`] | the text of a store, changed in place | no |
//! | [`edits`] | what may be done to documents, and the view that choosing needs | no |
//! | [`file`] | how documents are read, locked, changed by an edit and replaced | yes |
//! | [`watch`] | who changed the file, and what | reads |
//! | [`logins`] | logins where they live, for those who renew them | yes |
//! | [`openclaw`] | the current gateway's databases as rows, its configuration and settings | its plain files |
//!
//! In [`file`] an edit goes down these steps: `commit` (edits that wait in this process share one update) -> `update`
//! (lock, read, change, write) -> `read`, `atomic` -> `recovery` (the copy that makes a write without a flush safe) ->
//! `lock` -> `files` (system calls). What a write has put off is done by `flusher`.

pub(crate) mod accounts;
pub(crate) mod document;
pub(crate) mod edits;
pub(crate) mod file;
pub(crate) mod inline;
pub(crate) mod logins;
pub(crate) mod openclaw;
pub(crate) mod watch;

#[cfg(test)]
pub(crate) mod tests;
