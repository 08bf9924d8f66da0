//! Logins where they live, for those who renew them.
//!
//! | module | what it is |
//! |---|---|
//! | [`owner`](login_owner) | which store a login belongs to, and which hold a copy of it |
//! | [`file_logins`] | those of store files: claimed, compared, saved in full, read back |
//! | [`host_lock`] | the lock that later gateways hold while they renew a login themselves |

pub(crate) mod file_logins;
pub(crate) mod host_lock;
pub(crate) mod login_owner;
