//! How a run ends when no account answers it.

use super::queue::{End, Step};
use super::{Run, Sabotage, World, index};
use crate::rotation::choice::{self, Accounts, Wish};
use crate::rotation::course::jittered;
use crate::rotation::pool::Refusal;
use crate::rotation::simulation::oracle::{self, Asked};
use crate::rotation::simulation::server::{MINUTE, SECOND};
use crate::store::edits::marks::{Event, Mark};

impl World {
    pub(crate) fn nobody(&mut self, run: usize, accounts: &Accounts, now: f64) {
        let wish = self.runs[run].course.wish.clone();
        let left = accounts.list.iter().filter(|account| !wish.tried.contains(&account.id));
        for account in left.filter(|_| !wish.is_exhausted) {
            let stats = self.documents.stats(&account.id);
            let model = wish.model.as_deref();
            self.oracle.turned_away(Asked { run, account: index(&account.id), model, now }, &stats);
        }
        if let Some(refusal) = self.runs[run].course.refusal(self.now) {
            return self.soon(run, Step::Refuse(Box::new(refusal)));
        }
        self.unavailable(run);
    }

    pub(crate) fn refuse(&mut self, run: usize, refusal: Refusal) {
        if self.pool.refuse(refusal) {
            self.soon(run, Step::Restore);
        } else {
            self.unavailable(run);
        }
    }

    pub(crate) fn restore(&mut self, run: usize) {
        for (profile_id, restored) in std::mem::take(&mut self.runs[run].restores) {
            let event = Event::Restore(Box::new(restored));
            let mark = Mark { profile_id, event, now: self.now };
            log!(self, "r{run} takes back");
            if self.sabotage != Sabotage::NoRestore {
                self.write(&mark);
            }
        }
        self.oracle.taken_back(run);
        self.end(run, End::Refused);
    }

    /// Nobody is left; the caller comes back when it is told to, a few times.
    pub(crate) fn unavailable(&mut self, run: usize) {
        let accounts = self.accounts(self.now);
        let standings = choice::standings(&accounts, &self.runs[run].course.wish, self.now);
        let next = choice::next_free(&standings).map(|(_, at)| at);
        self.end(run, End::Unavailable);
        let Some(free_at) = next.filter(|_| self.runs[run].retries < 3) else { return };
        let wait = jittered((free_at - self.now).max(0.0), self.rng.f64());
        // Some callers look at the time alone.
        let at = if self.rng.bool() { self.now + wait } else { free_at.max(self.now) };
        let Run { nature, retries, owner, .. } = self.runs[run];
        let wish =
            Wish { tried: Vec::new(), is_exhausted: false, ..self.runs[run].course.wish.clone() };
        self.start(at.ceil(), owner.pid as usize, wish, nature, retries + 1, false);
    }

    pub(crate) fn end(&mut self, run: usize, end: End) {
        log!(self, "r{run} ends: {end:?}");
        self.oracle.over(run);
        let (accounts, timeout, slow) =
            (self.scenario.accounts as f64, self.scenario.timeout, self.scenario.slow);
        let run_of = &mut self.runs[run];
        run_of.end = Some(end);
        let took = self.now - run_of.began_at;
        let steps = 4.0 * (accounts + 1.0) * slow;
        // Everybody's whole timeout, and the wait for a verdict on everybody.
        let bound = accounts * (timeout + 10.0 * SECOND) + steps + MINUTE;
        if took > bound {
            let details = format!("r{run} took {took} of {bound} ms: {run_of:?}");
            self.oracle.report(oracle::TOO_LONG, details);
        }
        let is_final = run_of.is_final;
        if is_final && end != End::Answered {
            self.oracle.report(oracle::NEVER_BACK, format!("r{run} {end:?}"));
        }
    }
}
