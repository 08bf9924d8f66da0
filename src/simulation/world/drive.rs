//! Drives the machine of each run on the virtual clock: every step that takes time is an event of its own.

use std::time::Duration;

use super::queue::{End, Happening, Release};
use super::{Attempt, World, index};
use crate::failure::Class;
use crate::rotation::reserve::{Outcome, ReservationEnd};
use crate::rotation::run::{Action, Event, Failed, Finish};
use crate::rotation::verdict::Circumstances;
use crate::simulation::oracle;
use crate::simulation::rest::Rest;
use crate::simulation::server::{Reply, part};

impl World {
    /// Something happened to a run; it goes on until it waits for the next thing.
    pub(crate) fn on(&mut self, run: usize, event: Event) {
        let now = self.now;
        self.runs[run].machine.on(event, now);
        self.go_on(run);
    }

    pub(crate) fn go_on(&mut self, run: usize) {
        let now = self.now;
        loop {
            let state = &mut self.runs[run];
            if state.is_aborted {
                state.machine.on(Event::CallerAborted, now);
            }
            let Some(action) = state.machine.next(now) else { return };
            match action {
                Action::Tell(notice) => log!(self, "r{run} tells {notice:?}"),
                Action::AbortAttempt(_) => state.attempt.as_mut().unwrap().is_settled = true,
                Action::Release => self.release(run),
                Action::Choose => return self.soon(run, Happening::Choose(now)),
                Action::Wait { deadline } => {
                    state.deadline = deadline;
                    return self.look_later(run);
                }
                Action::Ask { profile, .. } => return self.ask(run, &profile),
                Action::Close(booking) => self.close(run, booking),
                Action::TakeBack => self.take_back(run),
                Action::Refuse(refusal) => {
                    return self.soon(run, Happening::Refuse(Box::new(refusal)));
                }
                Action::Finish(finish) => return self.finish(run, finish),
            }
        }
    }

    fn ask(&mut self, run: usize, profile: &str) {
        let now = self.now;
        let state = &mut self.runs[run];
        if state.is_aborted {
            self.oracle.report(oracle::ASKED_AFTER_ABORT, format!("r{run} {profile}"));
        }
        state.attempts += 1;
        let reserved = state.reserved.take();
        let is_probe = reserved.as_ref().is_some_and(|reserved| reserved.is_probe);
        let number = state.attempts;
        let account = index(profile);
        let end = reserved.map(|reserved| reserved.end);
        let (rest, is_fault, is_settled) = (None, false, false);
        state.attempt = Some(Attempt { number, account, end, rest, is_fault, is_settled });
        // Crashes of probing processes are the interesting ones.
        let odds = if is_probe { 5 } else { 30 };
        if self.scenario.crashes > 0 && self.rng.u32(..odds) == 0 && !self.runs[run].is_final {
            let after = part(Duration::from_millis(100), &mut self.rng);
            let process = self.runs[run].owner.pid as usize;
            self.enqueue(now + after, run, Happening::Crash(process));
        }
        let travel = part(Duration::from_millis(50), &mut self.rng);
        self.enqueue(now + travel, run, Happening::Arrive);
        let patience = self.scenario.patience(self.runs[run].owner.pid as usize);
        self.enqueue(now + patience, run, Happening::TimeOut);
    }

    pub(crate) fn arrive(&mut self, run: usize) {
        let Some(attempt) = &self.runs[run].attempt else { return };
        let model = self.runs[run].machine.request().model.as_deref();
        let nature = self.runs[run].nature;
        let (reply, takes) =
            self.server.ask(attempt.account, model, nature, self.now, &mut self.rng);
        log!(self, "a{} hears r{run}: {reply:?} in {takes:?}", attempt.account);
        if reply != Reply::Silence {
            self.enqueue(self.now + takes, run, Happening::Answer(reply));
        }
    }

    pub(crate) fn settled(&mut self, run: usize, reply: Reply) {
        let now = self.now;
        let model = self.runs[run].machine.request().model.clone();
        let Some(attempt) = self.runs[run].attempt.as_mut() else { return };
        attempt.is_settled = true;
        attempt.rest = Rest::after(reply, attempt.account, model.as_deref(), run, now);
        attempt.is_fault = matches!(reply, Reply::Overloaded | Reply::Reset | Reply::Silence);
        let (is_fault, account) = (attempt.is_fault, attempt.account);
        if is_fault {
            self.runs[run].unanswered.push(account);
            self.failed_at = Some(now);
            self.oracle.endpoint.met_fault(run, reply == Reply::Silence);
        }
        log!(self, "r{run} gets {reply:?}");
        if reply == Reply::Answer {
            return self.on(run, Event::Answered);
        }
        let failure = reply.failure(model.as_deref(), now);
        assert_eq!(failure.class == Class::Network, reply == Reply::Reset, "{failure:?}");
        let failed = Failed { failure, circumstances: Circumstances::default() };
        let is_timeout = reply == Reply::Silence;
        self.on(run, if is_timeout { Event::TimeLimit(failed) } else { Event::Failed(failed) });
    }

    pub(crate) fn abort(&mut self, run: usize) {
        log!(self, "r{run} is aborted");
        self.runs[run].is_aborted = true;
        self.go_on(run);
    }

    fn release(&mut self, run: usize) {
        let reserved = self.runs[run].reserved.take().map(|reserved| reserved.end);
        let attempt = self.runs[run].attempt.take();
        if let Some(rest) = attempt.as_ref().and_then(|attempt| attempt.rest.as_ref()) {
            self.oracle.report(oracle::NOT_BOOKED, format!("r{run} {rest:?}"));
        }
        let number = attempt.as_ref().map_or(self.runs[run].attempts + 1, |it| it.number);
        let attempt = attempt.and_then(|attempt| attempt.end);
        if let Some(end) = reserved.or(attempt) {
            self.end_reservation(run, &end, Outcome::default());
        }
        self.oracle.over(run, number);
    }

    /// Not at once: ending a reservation waits for the pool's lock.
    pub(crate) fn release_later(
        &mut self,
        (run, attempt): (usize, usize),
        end: Option<ReservationEnd>,
        outcome: Outcome,
    ) {
        let process = self.runs[run].owner.pid as usize;
        let generation = self.processes[process].generation;
        let release = Release { attempt, end, outcome, process, generation };
        self.soon(run, Happening::Release(Box::new(release)));
    }

    pub(crate) fn released(&mut self, run: usize, release: &Release) {
        let Release { attempt, end, outcome, process, generation } = release;
        if self.processes[*process].generation != *generation {
            return;
        }
        if let Some(end) = end {
            self.end_reservation(run, end, *outcome);
        }
        self.oracle.over(run, *attempt);
    }

    fn finish(&mut self, run: usize, finish: Finish) {
        match finish {
            Finish::Answered => self.end(run, End::Answered),
            Finish::Failed => self.end(run, End::Failed),
            Finish::Aborted => self.end(run, End::Aborted),
            Finish::Refused { .. } => self.end(run, End::Refused),
            Finish::Unavailable(unavailable) => self.unavailable(run, unavailable),
            Finish::Outage(outage) => self.outage(run, &outage),
            Finish::Broken(error) => panic!("{error}"),
        }
    }
}
