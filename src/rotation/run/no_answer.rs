//! The ends of a run without an answer.

use std::time::Duration;

use super::{Action, Finish, Notice, Run, State};
use crate::error::{Next, Outage, Unavailable};
use crate::profiles::credential::Unusable;
use crate::profiles::status::State as AccountState;
use crate::rotation::accounts::{Standing, next_free};
use crate::rotation::pool_document::Refusal;
use crate::rotation::verdict::{Blame, REFUSED_FOR, blame, jittered};
use crate::time::WallMs;

impl Run {
    /// No profile is left: either the accounts or the request is at fault.
    pub(super) fn none_left(&mut self, standings: &[Standing], now: WallMs) {
        if self.asks_the_postponed() {
            return;
        }
        let standings = &self.after_refreshes(standings);
        let unavailable = self.nobody(standings, next_free(standings), now);
        let failures = self.attempts.iter();
        let failures = failures.filter_map(|it| Some((it.failure.as_ref()?, it.ended_at)));
        match blame(&failures.collect::<Vec<_>>()) {
            Blame::Accounts => self.unavailable(unavailable),
            Blame::Nobody => {
                self.actions.push_back(Action::TakeBack);
                self.pass_on();
            }
            Blame::Request => {
                self.state = State::Refusing(unavailable);
                self.actions.push_back(Action::Refuse(Refusal {
                    key: self.request.key,
                    provider: self.request.provider.clone(),
                    model: self.request.model.clone(),
                    until: now + REFUSED_FOR,
                }));
            }
        }
    }

    pub(super) fn nobody(
        &mut self,
        standings: &[Standing],
        next: Option<(&str, WallMs)>,
        now: WallMs,
    ) -> Unavailable {
        Unavailable {
            provider: self.request.provider.clone(),
            model: self.request.model.clone(),
            profiles: standings.len(),
            asked: self.attempts.len(),
            pinned: self.request.pinned().map(str::to_owned),
            paused: standings
                .iter()
                .filter(|it| it.state == AccountState::Unusable(Unusable::Paused))
                .count(),
            next: next.map(|(id, free_at)| {
                let retry_after = jittered(free_at.since(now), self.chance.f64());
                Next { profile_id: id.to_owned(), free_at, retry_after }
            }),
        }
    }

    pub(super) fn outage(&mut self, until: WallMs, now: WallMs) {
        self.tell(self.endpoint_rests(until));
        let outage = Outage {
            provider: self.request.provider.clone(),
            model: self.request.model.clone(),
            failed: self.endpoint_faults.values().map(|faults| faults.count).sum(),
            retry_after: jittered(until.since(now), self.chance.f64()),
        };
        self.finish(Finish::Outage(outage));
    }

    pub(super) fn unavailable(&mut self, unavailable: Unavailable) {
        let next = unavailable.next.as_ref();
        let next = next.map(|next| (next.profile_id.clone(), next.free_at));
        self.tell(Notice::Unavailable { next });
        self.finish(Finish::Unavailable(unavailable));
    }

    pub(super) fn refused(&mut self, wait: Duration, now: WallMs) {
        self.tell(Notice::Refused { until: now + wait });
        self.finish(Finish::Refused { wait });
    }
}
