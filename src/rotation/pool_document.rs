//! What the processes that share a store know of each other's requests: which are under way, which profile a session
//! stays with, which requests every profile refused, and which endpoints failed a moment ago.
//!
//! Invariant: nothing here is needed to be right. A lost pool costs coordination for a moment and never a cooldown or a
//! credential, so whatever does not parse counts as empty.

use std::time::Duration;

use super::endpoint::rest::{Endpoint, EndpointState, Endpoints};
pub(crate) use super::login::holder::{Lease, Owner, Ticket};
use super::login::login_record::Logins;
use super::sessions::Sessions;
use crate::time::WallMs;
use serde::{Deserialize, Serialize};

/// A reservation older than this is forgotten: its request went on for longer than any answer takes.
const LONGEST_RESERVATION: Duration = Duration::from_hours(1);
const MOST_REFUSALS: usize = 200;
/// Between two requests to one account inside its window.
pub(super) const FORCE_SPACING: Duration = Duration::from_mins(1);

/// A request that is under way, or about to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reservation {
    #[serde(flatten)]
    pub ticket: Ticket,
    pub profile: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The first request after a window: others wait for its verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probe: bool,
    /// When the probe was refused: its booking is on the way, so it is not accepted, however long that takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<WallMs>,
    /// The session that asks, as in `Session`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u64>,
    /// The endpoint that it is sent to although that failed: others wait for what comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Endpoint>,
    pub at: WallMs,
}

/// A request that several accounts refused in the same way: the fault is the request's, until another one meets it too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// A hash of the caller's key; absent if the caller gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<u64>,
    pub provider: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    pub until: WallMs,
}

/// A request that was sent to an account inside its window, because the caller wished it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Forced {
    pub profile: String,
    pub at: WallMs,
}

/// An endpoint that rests or is being tried out, for people who look.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnwellEndpoint {
    pub endpoint: Endpoint,
    pub state: EndpointState,
    /// How many rests in a row ended in a failure.
    pub failures: u32,
}

impl UnwellEndpoint {
    /// When its rest, or the time of the request that tries it out, is over; `None`: the next request tries it out.
    #[must_use]
    pub(crate) fn until(&self) -> Option<WallMs> {
        match self.state {
            EndpointState::Rests { until } | EndpointState::TriedOut { until } => Some(until),
            EndpointState::Untried | EndpointState::Well => None,
        }
    }
}

/// Everything that is shared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Pool {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reservations: Vec<Reservation>,
    /// Kept apart: there may be very many.
    #[serde(skip)]
    pub sessions: Sessions,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<Forced>,
    #[serde(skip_serializing_if = "Endpoints::is_empty")]
    pub endpoints: Endpoints,
    /// Who renews which login, and what came of it.
    #[serde(skip_serializing_if = "Logins::is_empty")]
    pub logins: Logins,
    /// Of the owners of reservations and of those who renew a login.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leases: Vec<Lease>,
    /// Reservations that were released but are not here: they are in the file's pool, which this one replaces meanwhile.
    #[serde(skip)]
    missed: Vec<Ticket>,
    /// Other processes do not see it: their file cannot be had.
    #[serde(skip)]
    pub is_alone: bool,
}

impl Pool {
    /// Drops what is over: reservations of dead processes, quiet sessions, expired refusals. A time in the future (the
    /// clock was set back) counts as over too.
    pub(crate) fn prune(&mut self, lives: impl Fn(Owner) -> bool, now: WallMs) {
        let is_recent = |at: WallMs, longest: Duration| {
            now.since(at) < longest && at.since(now) < LONGEST_RESERVATION
        };
        self.reservations.retain(|reservation| {
            is_recent(reservation.at, LONGEST_RESERVATION) && lives(reservation.ticket.owner)
        });
        self.logins.prune(&lives, now);
        self.prune_leases();
        self.refusals.retain(|refusal| {
            now < refusal.until && refusal.until.since(now) < LONGEST_RESERVATION
        });
        self.forced.retain(|forced| is_recent(forced.at, FORCE_SPACING));
        self.endpoints.prune(now);
    }

    /// A lease is kept as long as its owner has a reservation, or renews a login.
    fn prune_leases(&mut self) {
        let Self { leases, reservations, logins, .. } = self;
        let is_needed = |owner| {
            reservations.iter().any(|it| it.ticket.owner == owner) || logins.has_holder(owner)
        };
        leases.retain(|lease| is_needed(lease.owner));
    }

    /// Renews the lease of an owner with reservations, unless it was renewed within `fresh_for`. False if it has none.
    pub(crate) fn renew(&mut self, owner: Owner, fresh_for: Duration, now: WallMs) -> bool {
        let has_reservation = || self.reservations.iter().any(|it| it.ticket.owner == owner);
        if !has_reservation() && !self.logins.has_holder(owner) {
            return false;
        }
        match self.leases.iter_mut().find(|lease| lease.owner == owner) {
            Some(lease)
                if now.since(lease.renewed_at).max(lease.renewed_at.since(now)) < fresh_for => {}
            Some(lease) => lease.renewed_at = now,
            None => self.leases.push(Lease { owner, renewed_at: now }),
        }
        true
    }

    pub(crate) fn reserve(&mut self, reservation: Reservation) {
        self.reservations.push(reservation);
    }

    /// Ends a reservation; a second time does nothing.
    pub(crate) fn release(&mut self, ticket: Ticket) {
        let before = self.reservations.len();
        self.reservations.retain(|reservation| reservation.ticket != ticket);
        if self.reservations.len() == before {
            self.missed.push(ticket);
        }
    }

    /// Tells of a probe that it was refused, before others can read that in the store.
    pub(crate) fn refuse_probe(&mut self, ticket: Ticket, now: WallMs) {
        let mut probes = self.reservations.iter_mut().filter(|it| it.probe);
        if let Some(probe) = probes.find(|probe| probe.ticket == ticket) {
            probe.refused_at = Some(now);
        }
    }

    /// Merges a pool that replaced this one while the file could not be had.
    pub(crate) fn absorb(&mut self, other: Self) {
        for ticket in other.missed {
            self.release(ticket);
        }
        self.reservations.extend(other.reservations);
        self.refusals.extend(other.refusals);
        self.forced.extend(other.forced);
        self.endpoints.absorb(other.endpoints);
        self.logins.absorb(other.logins);
    }

    /// Notes a request that was sent to an account inside its window.
    pub(crate) fn force(&mut self, profile: &str, now: WallMs) {
        self.forced.retain(|forced| forced.profile != profile);
        self.forced.push(Forced { profile: profile.to_owned(), at: now });
    }

    /// When the last such request was sent.
    #[must_use]
    pub(crate) fn forced_at(&self, profile: &str) -> Option<WallMs> {
        let forced = self.forced.iter().filter(|forced| forced.profile == profile);
        forced.map(|forced| forced.at).reduce(WallMs::later)
    }

    /// How many requests are under way with a profile.
    #[must_use]
    pub(crate) fn in_flight(&self, profile: &str) -> usize {
        self.reservations.iter().filter(|reservation| reservation.profile == profile).count()
    }

    /// The latest probe under way of a profile that began at `since` or after it, as far as it concerns a model.
    #[must_use]
    pub(crate) fn probe(
        &self,
        profile: &str,
        model: Option<&str>,
        since: WallMs,
    ) -> Option<&Reservation> {
        let probes = self.reservations.iter().filter(|reservation| {
            reservation.probe
                && reservation.at >= since
                && reservation.profile == profile
                && (model.is_none()
                    || reservation.model.is_none()
                    || reservation.model.as_deref() == model)
        });
        probes.max_by(|a, b| a.at.total_cmp(b.at))
    }

    /// The profiles that a session is asking right now, the latest first; not noted in the session yet.
    pub(crate) fn asked_by(&self, session: u64) -> impl Iterator<Item = &str> {
        let own = self.reservations.iter().rev().filter(move |it| it.session == Some(session));
        own.map(|reservation| reservation.profile.as_str())
    }

    /// For a request that waits so long for the first byte; `None`: for ever.
    #[must_use]
    pub(crate) fn endpoint_state(
        &self,
        endpoint: &Endpoint,
        patience: Option<Duration>,
        now: WallMs,
    ) -> EndpointState {
        let Some(rest) = self.endpoints.find(endpoint) else { return EndpointState::Well };
        let tries = self.reservations.iter().filter(|it| it.tries.as_ref() == Some(endpoint));
        rest.state(patience, tries.map(|it| it.at).reduce(WallMs::later), now)
    }

    /// The endpoints that are not well for everybody.
    #[must_use]
    pub(crate) fn unwell(&self, now: WallMs) -> Vec<UnwellEndpoint> {
        let rests = self.endpoints.iter().filter(|rest| !rest.is_forgotten(now));
        rests
            .map(|rest| UnwellEndpoint {
                endpoint: rest.endpoint.clone(),
                state: self.endpoint_state(&rest.endpoint, Some(Duration::ZERO), now),
                failures: rest.failures(),
            })
            .filter(|unwell| unwell.state != EndpointState::Well)
            .collect()
    }

    /// Until when a request is known to be refused.
    #[must_use]
    pub(crate) fn refused_until(
        &self,
        key: u64,
        provider: &str,
        model: Option<&str>,
    ) -> Option<WallMs> {
        self.refusals
            .iter()
            .filter(|refusal| refusal.key == Some(key) && refusal.concerns(provider, model))
            .map(|refusal| refusal.until)
            .reduce(WallMs::later)
    }

    /// Books a refusal on the request. False if another request was refused at the same time: then the accounts are at
    /// fault, and nothing is booked.
    pub(crate) fn refuse(&mut self, refusal: Refusal) -> bool {
        let is_same = |known: &Refusal| refusal.key.is_some() && known.key == refusal.key;
        let concerns =
            |known: &&Refusal| known.concerns(&refusal.provider, refusal.model.as_deref());
        if self.refusals.iter().filter(concerns).any(|known| !is_same(known)) {
            return false;
        }
        self.refusals.push(refusal);
        if self.refusals.len() > MOST_REFUSALS {
            self.refusals.remove(0);
        }
        true
    }
}

impl Refusal {
    fn concerns(&self, provider: &str, model: Option<&str>) -> bool {
        self.provider == provider && self.model.as_deref() == model
    }
}

#[cfg(test)]
mod tests;
