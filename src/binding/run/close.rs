//! Closing an attempt: booking what it came to, then the end of its reservation, whatever becomes of the caller.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::pool::choose::HeldReservation;
use crate::rotation::account_store::{AccountStore, Booked, Pending};
use crate::rotation::run::Step;

/// An undisturbed booking takes a few milliseconds; a caller that has aborted does not wait for a lock that is stuck.
const LONGEST_BOOKING_AFTER_ABORT: Duration = Duration::from_millis(100);

/// Takes the steps in their order. A booking that comes first begins now: a hop to another thread would cost as much as
/// the booking. `None`: the caller has aborted and the lock is not to be had; the steps go on by themselves.
pub(crate) fn close(
    accounts: Arc<dyn AccountStore>,
    token: CancellationToken,
    mut reservation: Option<HeldReservation>,
    steps: Vec<Step>,
) -> impl Future<Output = Option<Booked>> + Send + 'static {
    let mut steps = steps.into_iter().peekable();
    let mut begun: Option<Pending<Booked>> = match steps.peek() {
        Some(Step::Book(booking)) => Some(accounts.book(booking.clone())),
        _ => None,
    };
    let work = async move {
        let mut booked = None;
        for step in steps {
            match step {
                Step::Book(booking) => {
                    let pending = begun.take().unwrap_or_else(|| accounts.book(booking));
                    booked = Some(pending.await);
                }
                Step::Release { is_answered } => {
                    if let Some(reservation) = reservation.take() {
                        reservation.release(is_answered).await;
                    }
                }
            }
        }
        booked
    };
    async move {
        let mut work = tokio::spawn(work);
        let aborted = async {
            token.cancelled().await;
            tokio::time::sleep(LONGEST_BOOKING_AFTER_ABORT).await;
        };
        tokio::select! {
            biased;
            booked = &mut work => booked.ok().flatten(),
            () = aborted => None,
        }
    }
}
