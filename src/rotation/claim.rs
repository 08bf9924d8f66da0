//! Choosing and reserving in one step, on a pool that nobody else changes meanwhile.

use super::choice::{self, Accounts, Choice, Wish};
use super::pool::{Pool, Reservation, Ticket};

/// A reservation, and what its session is to remember.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    ticket: Ticket,
    session: Option<SessionNote>,
}

/// Whom a session was given.
#[derive(Debug, Clone)]
struct SessionNote {
    key: u64,
    provider: String,
    profile: String,
    is_home_usable: bool,
}

/// Chooses; whoever is chosen is reserved under the ticket.
pub(crate) fn claim(
    accounts: &Accounts,
    pool: &mut Pool,
    wish: &Wish,
    now: f64,
    ticket: Ticket,
) -> (Choice, Option<Held>) {
    let choice = choice::choose(accounts, pool, wish, now);
    let Choice::Take { id, is_probe } = &choice else { return (choice, None) };
    pool.reserve(Reservation {
        ticket,
        profile: id.clone(),
        model: wish.model.clone(),
        probe: *is_probe,
        at: now,
    });
    let session = wish.session.map(|key| {
        let home = pool.session(key, &wish.provider).map(|session| session.home.as_str());
        let is_home_usable = home.is_some_and(|home| choice::is_home_usable(accounts, home));
        let provider = wish.provider.clone();
        SessionNote { key, provider, profile: id.clone(), is_home_usable }
    });
    (choice, Some(Held { ticket, session }))
}

impl Held {
    /// Ends the reservation. A session stays with a profile that `answered`.
    pub(crate) fn release(self, pool: &mut Pool, answered: bool, now: f64) {
        pool.release(self.ticket);
        if let Some(note) = self.session.filter(|_| answered) {
            pool.note_session(note.key, &note.provider, &note.profile, note.is_home_usable, now);
        }
    }
}
