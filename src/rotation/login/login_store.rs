//! What a renewal needs of the place where logins live.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::oauth_login::{Login, Renewal};
use crate::error::Result;

/// Where the logins of a run live. Its functions block, but for `place` and `is_shared`.
pub(crate) trait LoginStore: Debug + Send + Sync {
    /// The same for all who share it, in this process.
    fn place(&self) -> String;

    /// Whether other processes see it, so that the pool must be one that they share too.
    fn is_shared(&self) -> bool;

    /// A profile's entry as it stands now, in the store that owns it. `None`: there is none.
    fn read(&self, id: &str) -> Result<Option<String>>;

    /// Proves that a new credential could be saved, and keeps others who renew this login by a protocol of their own away.
    fn claim(&self, id: &str, wait: Duration) -> Result<Box<dyn Claim>>;

    /// Rings when something may have been written, until what it gives is dropped. `None`: nothing rings.
    fn notices(&self, bell: Arc<Notify>) -> Option<Box<dyn Any + Send>>;
}

/// A login that this process may renew.
pub(crate) trait Claim: Send {
    /// The entry, read under the claim.
    fn text(&self) -> Option<&str>;

    /// Saves what `began` was renewed to, safe from a power cut, and reads it back; a newer login of somebody else stays.
    /// Tries for as long as there is hope: the old token is spent. Blocks.
    fn save(&self, began: &Login, renewal: &Renewal) -> Result<Saved>;
}

/// What stands in the store after a renewal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Saved {
    Ours(String),
    /// Somebody else's login, which is newer.
    Theirs(String),
    /// The profile was removed meanwhile.
    Gone,
}

impl Debug for Saved {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Ours(_) => "Ours",
            Self::Theirs(_) => "Theirs",
            Self::Gone => "Gone",
        })
    }
}
