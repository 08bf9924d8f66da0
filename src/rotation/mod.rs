//! The caller's loop as a library: pure decisions. Promises, clocks and files are at the edge, in `binding`, `pool` and
//! `store`; what the loop needs of a store is the trait in `account_store`.
//!
//! Invariant: nothing here waits, reads a clock or touches a file; the same events and the same random numbers always
//! give the same decisions.

pub(crate) mod account_store;
pub(crate) mod accounts;
pub(crate) mod attempt_credential;
pub(crate) mod choice;
pub(crate) mod endpoint;
pub(crate) mod force;
pub(crate) mod http_status;
pub(crate) mod login;
pub(crate) mod pool_document;
pub(crate) mod prompt;
pub(crate) mod request;
pub(crate) mod reserve;
pub(crate) mod run;
pub(crate) mod sessions;
pub(crate) mod time_limits;
pub(crate) mod verdict;
