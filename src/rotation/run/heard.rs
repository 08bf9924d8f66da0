//! What a failed attempt says of the endpoint.

use std::time::Duration;

use super::Run;
use crate::failure::Failure;
use crate::rotation::endpoint::rest::EndpointNews;
use crate::rotation::verdict::{Circumstances, OfEndpoint};
use crate::time::WallMs;

impl Run {
    /// Counts what the endpoint left unanswered.
    pub(super) fn heard(
        &mut self,
        profile: &str,
        says: OfEndpoint,
        failure: &Failure,
        circumstances: Circumstances,
        started_at: WallMs,
        now: WallMs,
    ) -> Option<EndpointNews> {
        let news = match says {
            OfEndpoint::Nothing => None,
            OfEndpoint::Lives => Some(EndpointNews::Lives { at: now }),
            OfEndpoint::Fails => {
                self.left_unanswered(profile, failure);
                let stated = failure.retry_after_ms.map(Duration::from_millis);
                let dice = self.chance.f64();
                Some(EndpointNews::Fails { started_at, at: now, stated, dice })
            }
            OfEndpoint::Silent => {
                self.left_unanswered(profile, failure);
                let dice = self.chance.f64();
                let since = silent_since(circumstances, started_at, now);
                since.map(|since| EndpointNews::Silent { since, at: now, dice })
            }
        };
        self.request.news = news;
        news
    }

    fn left_unanswered(&mut self, profile: &str, failure: &Failure) {
        self.request.unanswered.push(profile.to_owned());
        let address = self.request.address_of(profile);
        let faults = self.endpoint_faults.entry(address).or_default();
        faults.add(failure);
        if faults.are_too_many(&self.limits) {
            self.request.given_up.push(address);
        }
    }
}

/// Since when an attempt that ends now was silent. `None`: it had answered, and nobody told when.
fn silent_since(circumstances: Circumstances, started_at: WallMs, now: WallMs) -> Option<WallMs> {
    match circumstances.silent_for {
        Some(silent_for) => Some(started_at.later(now - silent_for)),
        None => (!circumstances.has_answered).then_some(started_at),
    }
}
