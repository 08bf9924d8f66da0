//! Renewing a login: when, by whom, and whose result stays. Pure; who carries it out is in `pool::login` and `binding`.
//!
//! A refresh token that is spent twice ends the whole login at most providers. So one process at a time renews a login,
//! under a lease in the pool, and in two phases: before the token is sent, the pool notes that it is about to be spent;
//! after it, the new credential is saved where the old one lived, and only then used. A process that dies in between leaves
//! one of: the old token unspent, the new one saved, or a note that the token was spent and nobody knows with what result.
//! The next renewal settles that by trying.

pub(crate) mod holder;
pub(crate) mod login_record;
pub(crate) mod login_store;
pub(crate) mod oauth_login;
pub(crate) mod token_rest;
