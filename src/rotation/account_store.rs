//! What the loop needs of a place where accounts live: a file beside a gateway, or anything else that can tell and keep
//! their state.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use super::accounts::Accounts;
use super::attempt_credential::AttemptCredential;
use super::run::{Booking, Change};
use crate::error::{Error, Result};
use crate::time::WallMs;

/// What goes on by itself; the future only brings the answer.
pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(crate) trait AccountStore: Debug + Send + Sync {
    /// A provider's accounts as they stand now; bookings that could not be written yet hold too. Blocks.
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>>;

    /// Books what an attempt came to. Begins at once; what cannot be written holds in this process.
    fn book(&self, booking: Booking) -> Pending<Booked>;

    /// Undoes bookings, as far as nothing else was booked since.
    fn take_back(&self, changes: Vec<Change>, now: WallMs) -> Pending<()>;
}

/// Accounts at one moment.
pub(crate) trait Snapshot {
    fn accounts(&self) -> &Accounts;

    fn credential(&self, id: &str) -> Option<AttemptCredential>;
}

/// What became of a booking.
#[derive(Debug)]
pub(crate) struct Booked {
    /// False: there was nothing to write, for example because the profile is gone.
    pub result: Result<bool, Arc<Error>>,
    /// What it changed, if that is known.
    pub change: Option<Change>,
}
