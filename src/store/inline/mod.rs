//! Accounts that a program gives in line. Their secrets stay in the process; what is known of them, windows and counters,
//! is a store without secrets: a file of our own, or memory.
//!
//! Invariant: nothing that is written holds a secret, or anything that a secret could be read back from.

pub(crate) mod env_keys;
pub(crate) mod inline_accounts;
pub(crate) mod inline_logins;
pub(crate) mod key_id;
pub(crate) mod memory_store;
pub(crate) mod profile;
pub(crate) mod state;
