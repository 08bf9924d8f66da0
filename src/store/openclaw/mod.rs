//! The current gateway's accounts: openclaw from 2026.6.5 on keeps them in SQLite databases. Read only.
//!
//! Invariant: no SQLite is here, and none is to come in: a second copy of it in a process of the gateway would free the
//! gateway's locks. Whoever asks carries a [`question`] to `node:sqlite` of the running Node and brings the rows back as
//! text; [`schema`] says which databases are known, [`seen_by_agent`] what the rows mean, [`sides`] how the gateway's books and
//! our plugin's go together. [`config`] and [`settings`] are plain files of the gateway.

mod blocked;
pub(crate) mod config;
pub(crate) mod places;
pub(crate) mod question;
pub(crate) mod schema;
pub(crate) mod seen_by_agent;
pub(crate) mod settings;
pub(crate) mod sides;
#[cfg(test)]
mod tests;
