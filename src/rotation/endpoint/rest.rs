//! When a provider's server that failed may be asked again.
//!
//! ```text
//!  well ── failed ──► resting ── time is over ──► one request tries it out
//!   ▲                   ▲  250 ms, doubled            │         │
//!   │                   │  up to 8 s                  │ failed  │ no failure for as long as the rest
//!   │                   └─────────────────────────────┘         ▼
//!   └───────────── any answer, whoever got it ◄────────────── open to all
//! ```
//!
//! Invariants: what is heard twice changes nothing the second time, so several may report one attempt; of an answer and a
//! failure the later one counts; failures of one rest are one step, however many requests met them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::WallMs;

pub(crate) const SHORTEST_REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(8);
/// A server that names a wait is believed so far: nobody else can be asked meanwhile.
const LONGEST_STATED: Duration = Duration::from_mins(1);
/// The part of a rest that chance adds.
const JITTER: f64 = 0.1;
/// A server that is down says so at once. A request that tries it out and has heard nothing for so long keeps nobody.
const SHORTEST_TRIAL: Duration = Duration::from_secs(1);
const LONGEST_TRIAL: Duration = Duration::from_secs(4);
/// After so long without news nothing is known.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);

/// More than fail at once anywhere; the oldest go first.
const MOST_ENDPOINTS: usize = 100;

/// What all accounts of a provider share: its server, for one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// Normalized.
    pub provider: String,
    /// A hash: an address may hold a name or a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What one attempt says of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum EndpointNews {
    /// It spoke: an answer, or a refusal that is about the account or the request.
    Lives { at: WallMs },
    Fails {
        started_at: WallMs,
        at: WallMs,
        /// The wait that it named.
        stated: Option<Duration>,
        /// Between 0 and 1.
        dice: f64,
    },
}

/// An endpoint that failed a moment ago.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EndpointRest {
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// How many rests in a row ended in a failure; 0: it lives.
    pub step: u32,
    pub failed_at: WallMs,
    pub until: WallMs,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lived_at: Option<WallMs>,
}

/// How an endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum EndpointState {
    Well,
    Rests {
        until: WallMs,
    },
    /// One request tries it out; without a failure by then, it is open to all.
    TriedOut {
        until: WallMs,
    },
    /// Its rest is over: the next request tries it out.
    Untried,
}

impl EndpointState {
    /// The public name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Rests { .. } => "resting",
            Self::TriedOut { .. } | Self::Untried => "on-trial",
        }
    }
}

impl EndpointRest {
    #[must_use]
    pub(crate) fn of(endpoint: Endpoint) -> Self {
        let never = WallMs::default();
        Self { endpoint, step: 0, failed_at: never, until: never, lived_at: None }
    }

    pub(crate) fn hear(&mut self, news: EndpointNews) {
        match news {
            EndpointNews::Lives { at } => {
                if at >= self.failed_at {
                    self.step = 0;
                    self.until = self.until.earlier(at);
                }
                self.lived_at = Some(self.lived_at.map_or(at, |known| known.later(at)));
            }
            EndpointNews::Fails { at, .. } if self.lived_at.is_some_and(|lived| at <= lived) => {}
            EndpointNews::Fails { started_at, at, stated, dice } => {
                // Who was asked before the rest was over met the fault that it is for.
                if self.step == 0 || started_at >= self.until {
                    self.step = self.step.saturating_add(1);
                }
                let stated = stated.unwrap_or_default().min(LONGEST_STATED);
                let rest = rest(self.step).max(stated);
                let rest = rest + rest.mul_f64(JITTER * dice);
                self.until = self.until.later(at + rest);
                self.failed_at = self.failed_at.later(at);
            }
        }
    }

    /// `tried_at`: when the latest request that tries it out, and is still under way, was begun.
    #[must_use]
    pub(crate) fn state(&self, tried_at: Option<WallMs>, now: WallMs) -> EndpointState {
        if self.step == 0 {
            return EndpointState::Well;
        }
        if now < self.until {
            return EndpointState::Rests { until: self.until };
        }
        // Who was asked before it failed last does not try it out, however long that takes.
        let Some(tried_at) = tried_at.filter(|at| *at >= self.failed_at) else {
            return EndpointState::Untried;
        };
        let rest = self.until.since(self.failed_at);
        let until = tried_at + rest.clamp(SHORTEST_TRIAL, LONGEST_TRIAL);
        if now < until { EndpointState::TriedOut { until } } else { EndpointState::Well }
    }

    fn last_heard(&self) -> WallMs {
        self.failed_at.later(self.lived_at.unwrap_or_default())
    }

    /// Nothing was heard for so long that nothing is known. So is a time far ahead: a clock was set back.
    #[must_use]
    pub(crate) fn is_forgotten(&self, now: WallMs) -> bool {
        let last = self.last_heard().later(self.until);
        now.since(last) >= FORGOTTEN_AFTER || last.since(now) > 2 * LONGEST_STATED
    }
}

/// The endpoints that failed a moment ago; one that is not here is well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Endpoints(Vec<EndpointRest>);

impl Endpoints {
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub(crate) fn find(&self, endpoint: &Endpoint) -> Option<&EndpointRest> {
        self.0.iter().find(|rest| rest.endpoint == *endpoint)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &EndpointRest> {
        self.0.iter()
    }

    pub(crate) fn hear(&mut self, endpoint: &Endpoint, news: EndpointNews) {
        let known = self.0.iter_mut().find(|rest| rest.endpoint == *endpoint);
        match (known, news) {
            (Some(known), _) => known.hear(news),
            (None, EndpointNews::Lives { .. }) => {}
            (None, EndpointNews::Fails { .. }) => {
                let mut rest = EndpointRest::of(endpoint.clone());
                rest.hear(news);
                if self.0.len() == MOST_ENDPOINTS {
                    self.0.remove(0);
                }
                self.0.push(rest);
            }
        }
    }

    /// Takes over what was heard elsewhere; of two records of one endpoint the newer one counts.
    pub(crate) fn absorb(&mut self, other: Self) {
        for rest in other.0 {
            match self.0.iter_mut().find(|known| known.endpoint == rest.endpoint) {
                Some(known) if known.last_heard() < rest.last_heard() => *known = rest,
                Some(_) => {}
                None => self.0.push(rest),
            }
        }
    }

    pub(crate) fn prune(&mut self, now: WallMs) {
        self.0.retain(|rest| !rest.is_forgotten(now));
    }
}

fn rest(step: u32) -> Duration {
    let doublings = step.saturating_sub(1).min(16);
    (SHORTEST_REST * 2_u32.pow(doublings)).min(LONGEST_REST)
}

#[cfg(test)]
mod tests;
