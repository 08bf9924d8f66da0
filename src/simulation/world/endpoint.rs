//! What the simulated processes and their oracle learn of the endpoint.

use super::queue::{Happening, Told};
use super::{World, index};
use crate::pool::backend::Backend as _;
use crate::profiles::stats::UsageStats;
use crate::rotation::accounts::{Accounts, Standing, standings};
use crate::rotation::endpoint::rest::{EndpointNews, Endpoints};
use crate::rotation::reserve::{Outcome, ReservationEnd};
use crate::simulation::endpoint_oracle::{Met, RESTS_FOR_ANOTHER, Silence};
use crate::simulation::oracle;
use crate::simulation::sabotage::Sabotage;
use crate::time::WallMs;

impl World {
    /// What the run tells the pool with its choice, and what is taken out of the rules.
    pub(crate) fn tells(&mut self, run: usize, now: WallMs) {
        if let Some(news) = self.runs[run].machine.request().news {
            self.heard(run, news);
        }
        if self.sabotage == Sabotage::NeverRests {
            self.pool_of(run).change(now, &mut |pool| pool.endpoints = Endpoints::default());
        }
    }

    /// Others wait for what comes of a trial: that does not wait for its booking.
    pub(crate) fn tell_soon(
        &mut self,
        (run, attempt): (usize, usize),
        end: Option<&ReservationEnd>,
        outcome: Outcome,
    ) {
        if let Some(end) = end.filter(|end| end.is_awaited_with(outcome)) {
            let told = Told { attempt, end: end.clone(), outcome };
            self.soon(run, Happening::Hear(Box::new(told)));
        }
    }

    pub(crate) fn hear(&mut self, run: usize, told: &Told) {
        let Told { attempt, end, outcome } = told;
        let now = self.now;
        if let Some(news) = outcome.news {
            self.heard(run, news);
        }
        let news = outcome.news.filter(|news| !self.is_deaf(*news));
        let outcome = Outcome { news, ..*outcome };
        self.pool_of(run).change(now, &mut |pool| end.foretell(pool, outcome, now));
        if outcome.is_refused() {
            self.oracle.told_refused(run, *attempt, now);
        }
    }

    /// The end of a reservation, in the pool.
    pub(crate) fn end_reservation(&mut self, run: usize, end: &ReservationEnd, outcome: Outcome) {
        let now = self.now;
        if let Some(news) = outcome.news {
            self.heard(run, news);
        }
        let news = outcome.news.filter(|news| !self.is_deaf(*news));
        let news = news.map(|news| self.twisted(news));
        let outcome = Outcome { news, ..outcome };
        self.pool_of(run).change(now, &mut |pool| end.apply(pool, outcome, now));
    }

    fn is_deaf(&self, news: EndpointNews) -> bool {
        self.sabotage == Sabotage::DeafToAnswers && matches!(news, EndpointNews::Lives { .. })
    }

    /// What takes the promised length from a rest, or gives it to those whom it is not for.
    fn twisted(&self, news: EndpointNews) -> EndpointNews {
        match news {
            EndpointNews::Silent { since: started_at, at, dice }
                if self.sabotage == Sabotage::HasteCounts =>
            {
                EndpointNews::Fails { started_at, at, stated: None, dice }
            }
            EndpointNews::Fails { started_at, at, stated, .. }
                if self.sabotage == Sabotage::RestForHours =>
            {
                EndpointNews::Fails { started_at, at, stated, dice: 2e3 }
            }
            news => news,
        }
    }

    fn heard(&mut self, run: usize, news: EndpointNews) {
        let model = self.runs[run].machine.request().model.as_deref();
        match news {
            EndpointNews::Lives { at } => self.oracle.endpoint.lived(model, at),
            EndpointNews::Fails { at, .. } => self.oracle.endpoint.failed(model, at),
            EndpointNews::Silent { since, at, .. } => {
                let silence = Silence { since, at, heard_at: self.now, was_answered: false };
                self.oracle.endpoint.silent(model, silence);
            }
        }
    }

    /// Nobody is asked again but for a fault of the endpoint, and not while another one is free.
    pub(crate) fn check_again(&mut self, run: usize, accounts: &Accounts, id: &str, now: WallMs) {
        let request = self.runs[run].machine.request();
        if !request.tried.iter().any(|tried| tried == id) {
            return;
        }
        let mut left = standings(accounts, request, now);
        let is_free = |it: Standing| it.until == Some(now) && !it.was_tried;
        if left.any(is_free) || !self.runs[run].unanswered.contains(&index(id)) {
            self.oracle.report(oracle::ASKED_TWICE, format!("r{run} {id}"));
        }
    }

    /// Who goes out, or is turned away.
    pub(crate) fn check_endpoint(&mut self, run: usize, taken: Option<&str>, now: WallMs) {
        let state = &self.runs[run];
        let request = state.machine.request().clone();
        // After a fault another account is asked at once.
        let is_other = taken.is_some_and(|id| !request.tried.iter().any(|tried| tried == id));
        let is_next = is_other && !state.unanswered.is_empty();
        let attempt = state.attempts + 1;
        let (model, patience) = (request.model.as_deref(), request.patience.unwrap_or_default());
        let met = Met { run, attempt, model, patience, is_next, now };
        if taken.is_some() {
            self.oracle.endpoint.asked(met);
        } else if request.given_up.is_empty() && !request.is_exhausted {
            self.oracle.endpoint.turned_away(met);
        }
    }

    /// The windows of an account, as the run's process sees them.
    pub(crate) fn windows(&self, run: usize, account: usize) -> UsageStats {
        let stats = self.accounts_of(run).stats(&format!("a{account}"));
        UsageStats { error_count: None, failure_counts: Vec::new(), last_failure_at: None, ..stats }
    }

    /// An account has nothing to do with what the endpoint fails to do.
    pub(crate) fn check_untouched(&mut self, run: usize, account: usize, before: &UsageStats) {
        let after = self.windows(run, account);
        if *before != after {
            let details = format!("r{run} a{account}: {before:?}, {after:?}");
            self.oracle.report(RESTS_FOR_ANOTHER, details);
        }
    }
}
