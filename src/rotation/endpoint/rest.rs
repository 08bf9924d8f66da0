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
//! A time limit of the caller's own says less than a failure: not within so long. It keeps only those away who wait no
//! longer, and only if nobody was answered meanwhile. Answers of an endpoint that is well are not noted, so the first such
//! silence has them noted, and one that begins after that proves something.
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
/// By which share of it two patiences may differ and still be the same: timers are late.
const SAME_PATIENCE: f64 = 0.1;
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
    /// It was silent for as long as the caller waits.
    Silent {
        since: WallMs,
        at: WallMs,
        /// Between 0 and 1.
        dice: f64,
    },
}

/// An endpoint that failed a moment ago.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EndpointRest {
    #[serde(flatten)]
    pub endpoint: Endpoint,
    #[serde(flatten)]
    faults: Rests,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lived_at: Option<WallMs>,
    /// Every answer since then is noted.
    #[serde(default)]
    known_since: WallMs,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    silences: Option<Silences>,
}

/// Rests that are doubled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Rests {
    /// How many in a row ended in a failure; 0: it lives.
    step: u32,
    failed_at: WallMs,
    until: WallMs,
}

/// What silences say, for those who wait no longer than the last one took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Silences {
    last_since: WallMs,
    #[serde(flatten)]
    rests: Rests,
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

    /// Of two things that stand in the way, the one that stands there longer.
    fn and(self, other: Self) -> Self {
        use EndpointState::{Rests, TriedOut, Untried, Well};
        match (self, other) {
            (
                Rests { until: one } | TriedOut { until: one },
                Rests { until } | TriedOut { until },
            ) => {
                if until > one {
                    other
                } else {
                    self
                }
            }
            (Well, _) | (Untried, Rests { .. } | TriedOut { .. }) => other,
            (Untried | Rests { .. } | TriedOut { .. }, _) => self,
        }
    }
}

impl Rests {
    /// `longest_step`: how far the rest is doubled.
    fn fail(
        &mut self,
        started_at: WallMs,
        at: WallMs,
        shortest: Duration,
        dice: f64,
        longest_step: u32,
    ) {
        // Who was asked before the rest was over met the fault that it is for.
        if self.step == 0 || started_at >= self.until {
            self.step = self.step.saturating_add(1).min(longest_step);
        }
        let rest = rest(self.step).max(shortest);
        let rest = rest + rest.mul_f64(JITTER * dice);
        self.until = self.until.later(at + rest);
        self.failed_at = self.failed_at.later(at);
    }

    fn end(&mut self, at: WallMs) {
        self.step = 0;
        self.until = self.until.earlier(at);
    }

    fn state(&self, tried_at: Option<WallMs>, now: WallMs) -> EndpointState {
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
}

impl Silences {
    /// Whether somebody who waits so long may hear what the last one did not.
    fn is_outwaited(&self, patience: Option<Duration>) -> bool {
        let silence = self.rests.failed_at.since(self.last_since);
        patience.is_none_or(|patience| patience > silence.mul_f64(1.0 + SAME_PATIENCE))
    }
}

impl EndpointRest {
    #[must_use]
    pub(crate) fn of(endpoint: Endpoint, known_since: WallMs) -> Self {
        let faults = Rests::default();
        Self { endpoint, faults, lived_at: None, known_since, silences: None }
    }

    pub(crate) fn hear(&mut self, news: EndpointNews) {
        match news {
            EndpointNews::Lives { at } => self.lives(at),
            EndpointNews::Fails { started_at, at, stated, dice } => {
                if self.lived_at.is_none_or(|lived| at > lived) {
                    let stated = stated.unwrap_or_default().min(LONGEST_STATED);
                    self.faults.fail(started_at, at, stated, dice, u32::MAX);
                }
            }
            EndpointNews::Silent { since, at, dice } => self.silent(since, at, dice),
        }
    }

    fn lives(&mut self, at: WallMs) {
        if at >= self.faults.failed_at {
            self.faults.end(at);
        }
        if let Some(silences) = self.silences.as_mut().filter(|it| at >= it.last_since) {
            silences.rests.end(at);
        }
        self.lived_at = Some(self.lived_at.map_or(at, |known| known.later(at)));
    }

    fn silent(&mut self, since: WallMs, at: WallMs, dice: f64) {
        let was_answered = self.lived_at.is_some_and(|lived| lived >= since);
        if was_answered || since < self.known_since || since >= at {
            return;
        }
        // Where others are answered now and then, nobody is kept from it for longer than a moment.
        let is_alive = self.lived_at.is_some_and(|lived| since.since(lived) < FORGOTTEN_AFTER);
        let longest_step = if is_alive { 1 } else { u32::MAX };
        let none = || Silences { last_since: since, rests: Rests::default() };
        let silences = self.silences.get_or_insert_with(none);
        if at >= silences.rests.failed_at {
            silences.last_since = since;
        }
        silences.rests.fail(since, at, Duration::ZERO, dice, longest_step);
    }

    /// For a request that waits so long for the first byte; `None`: for ever. `tried_at`: when the latest request that tries
    /// it out, and is still under way, was begun.
    #[must_use]
    pub(crate) fn state(
        &self,
        patience: Option<Duration>,
        tried_at: Option<WallMs>,
        now: WallMs,
    ) -> EndpointState {
        let silences = self.silences.as_ref().filter(|it| !it.is_outwaited(patience));
        let of_silences = silences.map_or(EndpointState::Well, |it| it.rests.state(tried_at, now));
        self.faults.state(tried_at, now).and(of_silences)
    }

    /// How many rests in a row ended in a failure.
    #[must_use]
    pub(crate) fn failures(&self) -> u32 {
        self.faults.step.max(self.silences.as_ref().map_or(0, |it| it.rests.step))
    }

    fn last_heard(&self) -> WallMs {
        let silence = self.silences.as_ref().map(|it| it.rests.failed_at);
        let known = self.faults.failed_at.later(self.known_since);
        known.later(self.lived_at.unwrap_or_default()).later(silence.unwrap_or_default())
    }

    /// Nothing was heard for so long that nothing is known. So is a time far ahead: a clock was set back.
    #[must_use]
    pub(crate) fn is_forgotten(&self, now: WallMs) -> bool {
        let silence = self.silences.as_ref().map(|it| it.rests.until);
        let last = self.last_heard().later(self.faults.until).later(silence.unwrap_or_default());
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

    /// `now`: what was told before may not be noted.
    pub(crate) fn hear(&mut self, endpoint: &Endpoint, news: EndpointNews, now: WallMs) {
        let known = self.0.iter_mut().find(|rest| rest.endpoint == *endpoint);
        match (known, news) {
            (Some(known), _) => known.hear(news),
            (None, EndpointNews::Lives { .. }) => {}
            (None, EndpointNews::Fails { at, .. } | EndpointNews::Silent { at, .. }) => {
                let mut rest = EndpointRest::of(endpoint.clone(), at.later(now));
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
