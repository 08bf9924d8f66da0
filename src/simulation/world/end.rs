//! How a run ends, and what its caller does then.

use super::queue::End;
use super::{Run, World};
use crate::error::Unavailable;
use crate::rotation::pool_document::Refusal;
use crate::rotation::request::Request;
use crate::rotation::run::Event;
use crate::simulation::oracle;
use crate::simulation::server::{MINUTE, SECOND};
use crate::time::WallMs;

impl World {
    pub(crate) fn refuse(&mut self, run: usize, refusal: &Refusal) {
        let is_booked = self.pool.with(self.now, |pool| pool.refuse(refusal.clone()));
        self.on(run, Event::RefusalBooked(is_booked == Some(true)));
    }

    /// No profile is left; the caller comes back at the stated time, a few times.
    pub(crate) fn unavailable(&mut self, run: usize, unavailable: Unavailable) {
        self.end(run, End::Unavailable);
        let Some(next) = unavailable.next.filter(|_| self.runs[run].retries < 3) else { return };
        // Some callers look at the time alone.
        let at = if self.rng.bool() { self.now + next.retry_after } else { next.free_at };
        let Run { nature, retries, owner, .. } = self.runs[run];
        let request = self.runs[run].machine.request().clone();
        let request = Request { tried: Vec::new(), is_exhausted: false, ..request };
        let at = WallMs::new(at.later(self.now).as_ms().ceil());
        self.start(at, owner.pid as usize, request, nature, retries + 1, false);
    }

    pub(crate) fn end(&mut self, run: usize, end: End) {
        log!(self, "r{run} ends: {end:?}");
        let (accounts, timeout, slow) =
            (self.scenario.accounts as u32, self.scenario.timeout, self.scenario.slow);
        let run_of = &mut self.runs[run];
        run_of.end = Some(end);
        let took = self.now.since(run_of.began_at);
        let steps = 4 * (accounts + 1) * slow;
        // A timeout and a wait for a verdict on each account.
        let bound = accounts * (timeout + 10 * SECOND) + steps + MINUTE;
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
