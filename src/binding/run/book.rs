//! Booking what an attempt came to.
//!
//! Invariant: whoever chooses after the reservation has ended sees the booking, in the file or, where that cannot be
//! written, in this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::functions::Run;
use crate::pool::choose::{CatchUp, Reserved, keep_unwritten};
use crate::store::edits::marks::{Documents, Mark, Restored};
use crate::store::file::atomic::Durability;
use crate::store::file::commit::{self, Shared};
use crate::store::file::update::{Edit, Outcome, UpdateOptions};

/// An undisturbed booking takes a few milliseconds; a caller that has aborted does not wait for a lock that is stuck.
const LONGEST_BOOKING_AFTER_ABORT: Duration = Duration::from_millis(100);

/// What became of a booking.
pub(crate) struct Booked {
    pub(crate) outcome: Shared<Outcome>,
    /// How to take it back.
    pub(crate) restored: Option<Restored>,
}

impl Run {
    /// Writes the mark, then ends the reservation. `None`: the caller aborted and the lock is not to be had; the booking
    /// goes on by itself.
    pub(crate) fn book(
        &self,
        mark: Mark,
        reserved: Option<Reserved>,
        answered: bool,
    ) -> impl Future<Output = Option<Booked>> + Send + 'static {
        let restored = Arc::new(Mutex::new(None));
        let (seen, edit) = (Arc::clone(&restored), mark.clone());
        let (token, store) = (self.token.clone(), self.settings.paths.store.clone());
        let late = CatchUp::begin(&store).map(Arc::new);
        let late_edit = late.clone();
        let written = self.submit(Box::new(move |documents: &mut Documents| {
            if let Some(late) = &late_edit {
                late.apply(documents);
            }
            let before = documents.stats(&edit.profile_id);
            let applied = edit.apply(documents);
            let after = documents.stats(&edit.profile_id);
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Restored { before, after });
            applied
        }));
        let work = async move {
            let outcome = written.await;
            if let Some(late) = late {
                late.end(outcome.is_ok());
            }
            if outcome.is_err() {
                keep_unwritten(&store, mark);
            }
            if let Some(reserved) = reserved {
                reserved.release(answered).await;
            }
            let restored = restored.lock().unwrap_or_else(PoisonError::into_inner).take();
            Booked { outcome, restored }
        };
        async move {
            let mut work = tokio::spawn(work);
            let aborted = async {
                token.cancelled().await;
                tokio::time::sleep(LONGEST_BOOKING_AFTER_ABORT).await;
            };
            tokio::select! {
                biased;
                booked = &mut work => booked.ok(),
                () = aborted => None,
            }
        }
    }

    pub(crate) fn submit(
        &self,
        edit: Edit,
    ) -> impl Future<Output = Shared<Outcome>> + Send + use<> {
        let options = &self.settings.options;
        let update = UpdateOptions {
            lock_form: options.lock_form,
            durability: options.durability.unwrap_or(Durability::Relaxed),
        };
        commit::submit(self.settings.paths.clone(), update, options.wait, edit)
    }
}
