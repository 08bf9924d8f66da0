//! Accounts in a store of one's own: `init`, `add`, `remove`, `rename`, `list`.
//!
//! Invariant: a key is never an argument, and never in a text. With `--key-env` the store names the variable and does not
//! hold the key.

pub(crate) mod account_options;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod roster;
