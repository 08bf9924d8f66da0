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

impl Outcome {
    /// The account said no. A fault of the endpoint says nothing of the account.
    pub(crate) fn is_refused(self) -> bool {
        !self.is_answered
            && !matches!(self.news, Some(EndpointNews::Fails { .. } | EndpointNews::Silent { .. }))
    }
}

/// What the end of a reservation needs to know.
#[derive(Debug, Clone)]
pub(crate) struct ReservationEnd {
    ticket: Ticket,
    session: Option<SessionNote>,
    endpoint: Endpoint,
    /// What it says of the endpoint is noted, and others may wait for that.
    is_noted: bool,
    /// Others wait for what it says of the account.
    is_probe: bool,
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
    if let (Some(news), Some(last)) = (request.news, request.tried.last()) {
        pool.endpoints.hear(&request.endpoint_of(last), news, now);
    }
    let choice = choice::choose(accounts, pool, request, now);
    let Choice::Take { id, is_probe } = &choice else { return (choice, None) };
    let chosen = accounts.list.iter().find(|account| account.id == *id);
    if chosen.is_some_and(|it| standing(it, request, now).state != State::Ready) {
        pool.force(id, now);
    }
    let endpoint = request.endpoint_of(id);
    let is_well = pool.endpoint_state(&endpoint, request.patience, now) == EndpointState::Well;
    pool.reserve(Reservation {
        ticket,
        profile: id.clone(),
        model: request.model.clone(),
        probe: *is_probe,
        refused_at: None,
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
    let is_noted = pool.endpoints.find(&endpoint).is_some();
    let is_probe = *is_probe;
    (choice, Some(ReservationEnd { ticket, session, endpoint, is_noted, is_probe }))
}

impl ReservationEnd {
    /// Whether others may wait for what comes of it.
    #[must_use]
    pub(crate) fn is_awaited(&self) -> bool {
        self.is_noted || self.is_probe
    }

    /// Whether those who wait want to know it before it is booked.
    #[must_use]
    pub(crate) fn is_awaited_with(&self, outcome: Outcome) -> bool {
        (self.is_noted && outcome.news.is_some()) || (self.is_probe && outcome.is_refused())
    }

    /// Tells those who wait.
    pub(crate) fn foretell(&self, pool: &mut Pool, outcome: Outcome, now: WallMs) {
        self.hear(pool, outcome, now);
        if self.is_probe && outcome.is_refused() {
            pool.refuse_probe(self.ticket, now);
        }
    }

    fn hear(&self, pool: &mut Pool, outcome: Outcome, now: WallMs) {
        if let Some(news) = outcome.news {
            pool.endpoints.hear(&self.endpoint, news, now);
        }
    }

    /// Ends the reservation. A session stays with a profile that answered.
    pub(crate) fn apply(&self, pool: &mut Pool, outcome: Outcome, now: WallMs) {
        pool.release(self.ticket);
        self.hear(pool, outcome, now);
        if let Some(note) = self.session.as_ref().filter(|_| outcome.is_answered) {
            let session = (note.key, note.provider.as_str());
            pool.sessions.note(session, &note.profile, note.is_home_usable, now);
        }
    }
}

#[cfg(test)]
mod tests;
