//! What the pool knows of logins: who renews which, and what came of it.
//!
//! Invariant: a token that may have been spent is noted until somebody has settled it; a lease ends with its holder.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::holder::{Owner, Ticket};
use super::token_rest::TokenRest;
use crate::time::WallMs;

/// What is over is told to people for so long.
const TOLD_FOR: Duration = Duration::from_hours(24 * 7);
const MOST_RECORDS: usize = 1_000;
const MOST_MISSED: usize = 100;
/// For those who wanted it at the same time; later somebody may have a reason to try again.
const REFUSED_FOR: Duration = Duration::from_mins(1);
/// Whoever holds a lease for longer has lost it.
const LONGEST_TAKEN: Duration = Duration::from_mins(10);
const LONGEST_SPENDING: Duration = Duration::from_hours(1);
/// A token that lives shorter than this is renewed on the way only if a server refuses it.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(4);
/// A server that refuses a token of this age refuses the next one too.
const A_MOMENT: Duration = Duration::from_secs(1);
/// Which share of its life a short-lived token has left when it is renewed.
const SHARE: u32 = 4;

/// One login.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoginRecord {
    /// A hash of the refresh token.
    pub token: u64,
    pub profile: String,
    pub at: WallMs,
    #[serde(flatten)]
    pub state: LoginState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub(crate) enum LoginState {
    /// Somebody is about to renew it; the token is not spent.
    Taken { by: Ticket },
    /// The token is being spent.
    Spending { by: Ticket },
    /// It may have been spent, and nobody knows with what result.
    Unknown { pid: u32 },
    /// The token came from this renewal.
    Renewed { pid: u32, expires: Option<WallMs> },
    /// The token server refused it: only a new login helps.
    Refused { pid: u32 },
}

impl LoginRecord {
    /// The process that the token came from.
    #[must_use]
    pub(crate) fn renewed_by(&self) -> Option<u32> {
        match self.state {
            LoginState::Renewed { pid, .. } => Some(pid),
            _ => None,
        }
    }
}

impl LoginState {
    fn holder(&self) -> Option<Ticket> {
        match self {
            Self::Taken { by } | Self::Spending { by } => Some(*by),
            _ => None,
        }
    }
}

/// Whether a login may be renewed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Take {
    /// By us: the lease is ours.
    Mine,
    Held {
        by: Owner,
    },
    /// The token server has refused its token a moment ago.
    Refused,
    /// It was renewed so lately that doing it again would not help.
    Fresh,
    /// The token server failed a moment ago.
    Rests {
        until: WallMs,
    },
}

/// Who wants a lease.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub token: u64,
    pub profile: &'a str,
    pub provider: &'a str,
    /// When its store says that the access token ends.
    pub expires: Option<WallMs>,
    /// A server refused the access token, whatever its end says.
    pub is_refused: bool,
    /// How long before its end it is renewed.
    pub before: Duration,
    pub ticket: Ticket,
}

/// What came of a renewal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ended {
    /// The new refresh token, by its hash.
    Renewed {
        token: u64,
        expires: Option<WallMs>,
    },
    /// The token was not spent, or somebody else's login is in its place.
    Unspent,
    Unknown,
    Refused,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Logins {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<LoginRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rests: Vec<TokenRest>,
    /// What came of leases that are not here: they are in the file's pool, which this one replaces meanwhile.
    #[serde(skip)]
    missed: Vec<(u64, Ticket, Ended, WallMs)>,
}

impl Logins {
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.rests.is_empty()
    }

    /// The latest that is known of a login.
    #[must_use]
    pub(crate) fn find(&self, token: u64) -> Option<&LoginRecord> {
        self.records.iter().find(|it| it.token == token)
    }

    /// Whether a process renews one of them.
    #[must_use]
    pub(crate) fn has_holder(&self, owner: Owner) -> bool {
        self.records.iter().any(|it| it.state.holder().is_some_and(|by| by.owner == owner))
    }

    /// Ends the leases of the dead, and forgets what is old.
    pub(crate) fn prune(&mut self, lives: impl Fn(Owner) -> bool, now: WallMs) {
        for record in &mut self.records {
            if let LoginState::Spending { by } = record.state
                && (!lives(by.owner) || now.since(record.at) > LONGEST_SPENDING)
            {
                record.state = LoginState::Unknown { pid: by.owner.pid };
            }
        }
        self.records.retain(|record| match record.state {
            LoginState::Taken { by } => lives(by.owner) && now.since(record.at) < LONGEST_TAKEN,
            LoginState::Spending { .. } => true,
            _ => now.since(record.at) < TOLD_FOR,
        });
        self.rests.retain(|rest| !rest.is_forgotten(now));
    }

    /// Takes the lease of a login, if it is to be had and a renewal can help.
    pub(crate) fn take(&mut self, wanted: &Wanted<'_>, now: WallMs) -> Take {
        let known = self.find(wanted.token);
        match known.map(|record| &record.state) {
            Some(LoginState::Taken { by } | LoginState::Spending { by }) => {
                return Take::Held { by: by.owner };
            }
            Some(LoginState::Refused { .. })
                if known.is_some_and(|record| now.since(record.at) < REFUSED_FOR) =>
            {
                return Take::Refused;
            }
            Some(LoginState::Renewed { expires, .. }) => {
                let at = known.map_or(now, |record| record.at);
                if is_fresh(at, *expires, wanted, now) {
                    return Take::Fresh;
                }
            }
            _ => {}
        }
        if let Some(rest) = self.rests.iter().find(|it| it.provider == wanted.provider)
            && now < rest.until
        {
            return Take::Rests { until: rest.until };
        }
        self.set(wanted.token, wanted.profile, LoginState::Taken { by: wanted.ticket }, now);
        Take::Mine
    }

    /// From now on the token may be spent. False if the lease is no longer ours: then it must not be.
    pub(crate) fn spend(&mut self, token: u64, ticket: Ticket, now: WallMs) -> bool {
        let Some(record) = self.held(token, ticket) else { return false };
        record.state = LoginState::Spending { by: ticket };
        record.at = now;
        true
    }

    /// Ends a lease.
    pub(crate) fn end(&mut self, token: u64, ticket: Ticket, ended: Ended, now: WallMs) {
        let pid = ticket.owner.pid;
        let Some(record) = self.held(token, ticket) else {
            // The lease was taken for over, but what came of it is true.
            return self.note(token, ticket, ended, now);
        };
        let profile = record.profile.clone();
        self.records.retain(|record| record.token != token);
        match ended {
            Ended::Unspent => {}
            Ended::Unknown => self.set(token, &profile, LoginState::Unknown { pid }, now),
            Ended::Refused => self.set(token, &profile, LoginState::Refused { pid }, now),
            Ended::Renewed { token, expires } => {
                self.set(token, &profile, LoginState::Renewed { pid, expires }, now);
            }
        }
    }

    fn note(&mut self, token: u64, ticket: Ticket, ended: Ended, now: WallMs) {
        let pid = ticket.owner.pid;
        let Some(record) = self.records.iter_mut().find(|it| it.token == token) else {
            if self.missed.len() < MOST_MISSED {
                self.missed.push((token, ticket, ended, now));
            }
            return;
        };
        if record.state != (LoginState::Unknown { pid }) {
            return;
        }
        match ended {
            Ended::Renewed { token, expires } => {
                record.token = token;
                record.state = LoginState::Renewed { pid, expires };
            }
            Ended::Refused => record.state = LoginState::Refused { pid },
            Ended::Unknown => {}
            Ended::Unspent => {
                self.records.retain(|it| it.token != token);
                return;
            }
        }
        record.at = now;
    }

    fn held(&mut self, token: u64, ticket: Ticket) -> Option<&mut LoginRecord> {
        let record = self.records.iter_mut().find(|it| it.token == token);
        record.filter(|it| it.state.holder() == Some(ticket))
    }

    fn set(&mut self, token: u64, profile: &str, state: LoginState, now: WallMs) {
        self.records.retain(|record| record.token != token);
        if self.records.len() >= MOST_RECORDS
            && let Some(oldest) = self.records.iter().position(|it| it.state.holder().is_none())
        {
            self.records.remove(oldest);
        }
        self.records.push(LoginRecord { token, profile: profile.to_owned(), at: now, state });
    }

    /// The token server of a provider failed.
    pub(crate) fn server_failed(&mut self, provider: &str, stated: Option<Duration>, now: WallMs) {
        let before = self.rests.iter().position(|it| it.provider == provider);
        let before = before.map(|at| self.rests.remove(at));
        self.rests.push(TokenRest::after(before.as_ref(), provider, stated, now));
    }

    /// It answered.
    pub(crate) fn server_answered(&mut self, provider: &str) {
        self.rests.retain(|it| it.provider != provider);
    }

    /// Adds what another pool knows, where this one knows less.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (token, ticket, ended, at) in other.missed {
            self.end(token, ticket, ended, at);
        }
        for record in other.records {
            if self.find(record.token).is_none() {
                self.records.push(record);
            }
        }
        for rest in other.rests {
            if self.rests.iter().all(|it| it.provider != rest.provider) {
                self.rests.push(rest);
            }
        }
    }
}

/// Whether a credential that was renewed at `at` is not to be renewed again, although it seems to be due: the server says a
/// lifetime that is shorter than the usual haste, or none.
fn is_fresh(at: WallMs, expires: Option<WallMs>, wanted: &Wanted<'_>, now: WallMs) -> bool {
    if !wanted.is_refused && expires != wanted.expires {
        // Its store knows better.
        return false;
    }
    let Some(expires) = expires else { return !wanted.is_refused };
    let lifetime = expires.since(at);
    if wanted.is_refused {
        return now.since(at) < A_MOMENT && at <= now;
    }
    if lifetime < SHORTEST_LIFETIME {
        // It lies, or its clock does. Whether the token is good, the API will say.
        return now.since(at) < wanted.before;
    }
    let before = wanted.before.min(lifetime / SHARE);
    now + before < expires
}

#[cfg(test)]
mod tests;
