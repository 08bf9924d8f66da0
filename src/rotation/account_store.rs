//! What the loop needs of a store of accounts: a gateway's file, or anything else that keeps their state.

use std::fmt::Debug;
use std::sync::Arc;

use super::accounts::Accounts;
use super::attempt_credential::AttemptCredential;
use super::login::login_store::LoginStore;
use super::run::Booking;
use crate::error::Result;
use crate::time::WallMs;

pub(crate) trait AccountStore: Debug + Send + Sync {
    /// A provider's accounts as they stand now; bookings that could not be written yet hold too. Blocks.
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>>;

    /// Books an attempt's result, which holds in this process at once. `then` is called when it is in the store, or could
    /// not be written for now. Does not block.
    fn book(&self, booking: Booking, then: Box<dyn FnOnce() + Send>) -> Arc<dyn Receipt>;

    /// An account is asked with this entry, which is newer than the snapshot.
    fn gave(&self, _id: &str, _entry: &str) {}

    /// Where their logins can be renewed, if they can.
    fn logins(&self) -> Option<Arc<dyn LoginStore>> {
        None
    }
}

/// A booking that was made.
pub(crate) trait Receipt: Debug + Send + Sync {
    /// Undoes it, as far as nothing else was booked since. Does not block.
    fn take_back(&self, now: WallMs);
}

/// Accounts at one moment.
pub(crate) trait Snapshot {
    fn accounts(&self) -> &Accounts;

    fn credential(&self, id: &str) -> Option<AttemptCredential>;
}
