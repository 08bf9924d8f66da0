//! What the loop needs of a place where accounts live: a file beside a gateway, or anything else that can tell and keep
//! their state.

use std::fmt::Debug;
use std::sync::Arc;

use super::accounts::Accounts;
use super::attempt_credential::AttemptCredential;
use super::run::Booking;
use crate::error::Result;
use crate::time::WallMs;

pub(crate) trait AccountStore: Debug + Send + Sync {
    /// A provider's accounts as they stand now; bookings that could not be written yet hold too. Blocks.
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>>;

    /// Books what an attempt came to: from now on it holds in this process. `then` is called when others see it too, or
    /// when it could not be written for now. Does not block.
    fn book(&self, booking: Booking, then: Box<dyn FnOnce() + Send>) -> Arc<dyn Receipt>;
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
