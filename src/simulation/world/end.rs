//! How a run ends, and what its caller does then.

use std::sync::Arc;

use super::queue::End;
use super::{Run, World};
use crate::error::{Outage, Unavailable};
use crate::pool::backend::Backend;
use crate::rotation::pool_document::Refusal;
use crate::rotation::request::Request;
use crate::rotation::run::Event;
use crate::simulation::oracle;
use crate::simulation::server::SECOND;
use crate::time::WallMs;

impl World {
    pub(crate) fn refuse(&mut self, run: usize, refusal: &Refusal) {
        let pool: Arc<dyn Backend> = self.pool_of(run);
        let is_booked = pool.with(self.now, |pool| pool.refuse(refusal.clone()));
        self.on(run, Event::RefusalBooked(is_booked == Some(true)));
    }

    /// No profile is left; the caller comes back at the stated time, a few times.
    pub(crate) fn unavailable(&mut self, run: usize, unavailable: Unavailable) {
        self.end(run, End::Unavailable);
        let Some(next) = unavailable.next else { return };
        // Some callers look at the time alone.
        let at = if self.rng.bool() { self.now + next.retry_after } else { next.free_at };
        self.come_back(run, at);
    }

    /// So does one who was told that the endpoint fails.
    pub(crate) fn outage(&mut self, run: usize, outage: &Outage) {
        self.end(run, End::Outage);
        if self.runs[run].attempts == 0 {
            self.oracle.endpoint.refused(run, self.failed_at, self.scenario.slow, self.now);
        }
        self.come_back(run, self.now + outage.retry_after);
    }

    fn come_back(&mut self, run: usize, at: WallMs) {
        let Run { nature, retries, owner, .. } = self.runs[run];
        if retries == 3 {
            return;
        }
        let old = self.runs[run].machine.request();
        let request = Request {
            provider: old.provider.clone(),
            model: old.model.clone(),
            preferred: old.preferred.clone(),
            strategy: old.strategy,
            session: old.session,
            key: old.key,
            ..Request::default()
        };
        let at = WallMs::new(at.later(self.now).as_ms().ceil());
        self.start(at, owner.pid as usize, request, nature, retries + 1, false);
    }

    pub(crate) fn end(&mut self, run: usize, end: End) {
        log!(self, "r{run} ends: {end:?}");
        let (accounts, slow) = (self.scenario.accounts as u32, self.scenario.slow);
        let run_of = &mut self.runs[run];
        let timeout = self.scenario.patience(run_of.owner.pid as usize);
        run_of.end = Some(end);
        let took = self.now.since(run_of.began_at);
        let steps = 4 * (accounts + 1) * slow;
        // A timeout of each account, one more for the endpoint's fault, and what a run waits in all.
        let bound = (accounts + 1) * timeout + 10 * SECOND + steps + SECOND;
        if took > bound {
            let details = format!("r{run} took {took:?} of {bound:?}: {run_of:?}");
            self.oracle.report(oracle::TOO_LONG, details);
        }
        let is_final = run_of.is_final;
        if is_final && end != End::Answered {
            self.oracle.report(oracle::NEVER_BACK, format!("r{run} {end:?}"));
        }
    }
}
