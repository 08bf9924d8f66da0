//! Choosing and reserving in one step, on a pool that is locked meanwhile.

use super::accounts::{Accounts, standing};
use super::choice::{self, Choice};
use super::endpoint::rest::{Endpoint, EndpointNews, EndpointState};
use super::pool_document::{Pool, Reservation, Ticket};
use super::request::Request;
use crate::profiles::status::State;
use crate::time::WallMs;

/// What came of a reservation, for the pool.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Outcome {
    pub is_answered: bool,
    pub news: Option<EndpointNews>,
}

/// What the end of a reservation needs to know.
#[derive(Debug, Clone)]
pub(crate) struct ReservationEnd {
    ticket: Ticket,
    session: Option<SessionNote>,
    endpoint: Endpoint,
    /// Others wait for what comes of it.
    is_trial: bool,
}

/// The profile that a session was given.
#[derive(Debug, Clone)]
struct SessionNote {
    key: u64,
    provider: String,
    profile: String,
    is_home_usable: bool,
}

/// Chooses, with what the request has just heard of the endpoint, and reserves the chosen profile under the ticket.
pub(crate) fn reserve(
    accounts: &Accounts,
    pool: &mut Pool,
    request: &Request,
    now: WallMs,
    ticket: Ticket,
) -> (Choice, Option<ReservationEnd>) {
    let endpoint = request.endpoint();
    if let Some(news) = request.news {
        pool.endpoints.hear(&endpoint, news);
    }
    let choice = choice::choose(accounts, pool, request, now);
    let Choice::Take { id, is_probe } = &choice else { return (choice, None) };
    let chosen = accounts.list.iter().find(|account| account.id == *id);
    if chosen.is_some_and(|it| standing(it, request, now).state != State::Ready) {
        pool.force(id, now);
    }
    let is_well = pool.endpoint_state(&endpoint, now) == EndpointState::Well;
    pool.reserve(Reservation {
        ticket,
        profile: id.clone(),
        model: request.model.clone(),
        probe: *is_probe,
        session: request.session,
        tries: (!is_well).then(|| endpoint.clone()),
        at: now,
    });
    let session = request.session.map(|key| {
        let home =
            pool.sessions.get(key, &request.provider, now).map(|session| session.home.as_str());
        let is_home_usable = home.is_some_and(|home| accounts.can_serve(home));
        let provider = request.provider.clone();
        SessionNote { key, provider, profile: id.clone(), is_home_usable }
    });
    (choice, Some(ReservationEnd { ticket, session, endpoint, is_trial: !is_well }))
}

impl ReservationEnd {
    /// Whether others wait for what the attempt says of the endpoint.
    #[must_use]
    pub(crate) fn is_trial(&self) -> bool {
        self.is_trial
    }

    pub(crate) fn hear(&self, pool: &mut Pool, news: EndpointNews) {
        pool.endpoints.hear(&self.endpoint, news);
    }

    /// Ends the reservation. A session stays with a profile that answered.
    pub(crate) fn apply(&self, pool: &mut Pool, outcome: Outcome, now: WallMs) {
        pool.release(self.ticket);
        if let Some(news) = outcome.news {
            self.hear(pool, news);
        }
        if let Some(note) = self.session.as_ref().filter(|_| outcome.is_answered) {
            let session = (note.key, note.provider.as_str());
            pool.sessions.note(session, &note.profile, note.is_home_usable, now);
        }
    }
}

#[cfg(test)]
mod tests;
