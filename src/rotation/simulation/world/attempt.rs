//! What comes of a request: the service's word, the booking, the end of the reservation.

use super::queue::{Booking, End, Next, Step};
use super::{PROVIDER, Sabotage, World};
use crate::failure::Class;
use crate::profiles::booking::Report;
use crate::profiles::rules::Policy;
use crate::profiles::stats::Success;
use crate::rotation::course::Circumstances;
use crate::rotation::simulation::oracle::Rest;
use crate::rotation::simulation::server::Reply;
use crate::store::edits::marks::{Event, FailureEvent, Mark, Restored};

impl World {
    pub(crate) fn arrive(&mut self, run: usize) {
        let Some(attempt) = &self.runs[run].attempt else { return };
        let model = self.runs[run].course.wish.model.as_deref();
        let nature = self.runs[run].nature;
        let (reply, takes) =
            self.server.ask(attempt.account, model, nature, self.now, &mut self.rng);
        log!(self, "a{} hears r{run}: {reply:?} in {takes} ms", attempt.account);
        if reply != Reply::Silence {
            self.enqueue(self.now + takes, run, Step::Answer(reply));
        }
    }

    pub(crate) fn abort(&mut self, run: usize) {
        log!(self, "r{run} is aborted");
        if let Some(held) = self.runs[run].attempt.take().and_then(|attempt| attempt.held) {
            held.release(&mut self.pool, false, self.now);
        }
        self.end(run, End::Aborted);
    }

    pub(crate) fn settled(&mut self, run: usize, reply: Reply) {
        let Some(attempt) = self.runs[run].attempt.as_mut() else { return };
        // Whatever comes later for this attempt is void.
        attempt.number += 1_000;
        let (account, started_at, now) = (attempt.account, attempt.started_at, self.now);
        let profile_id = format!("a{account}");
        let model = self.runs[run].course.wish.model.clone();
        log!(self, "r{run} gets {reply:?} from {profile_id}");
        let booking = if reply == Reply::Answer {
            let success = Success { started_at: Some(started_at), model };
            let event = Event::Success { provider: PROVIDER.into(), success };
            let mark = Some(Mark { profile_id, event, now });
            let next = Next::End(End::Answered);
            Booking { mark, rest: None, is_success: true, next, is_written: false }
        } else {
            let failure = reply.failure(model.as_deref(), now);
            let course = &mut self.runs[run].course;
            let verdict = course.fail(&failure, Circumstances::default(), now);
            let is_network = failure.class == Class::Network;
            assert_eq!(is_network, reply == Reply::Reset, "{failure:?}");
            let mut report = Report::of_failure(&failure, false, model.as_deref(), started_at, now);
            if self.sabotage == Sabotage::ForgetWaits
                && let Some(facts) = &mut report.failure
            {
                facts.resume_at = None;
            }
            let stretch = self.rng.f64() * 0.1;
            let event =
                FailureEvent { report, policy: Policy::Safe, stretch, ..FailureEvent::default() };
            let mark = Mark { profile_id, event: Event::Failure(Box::new(event)), now };
            let rest = Rest::after(reply, account, model.as_deref(), run, now);
            let next = if verdict.rotates { Next::Choose } else { Next::End(End::Failed) };
            let mark = verdict.is_booked.then_some(mark);
            Booking { mark, rest, is_success: false, next, is_written: false }
        };
        let releases_first = self.sabotage == Sabotage::ReleaseFirst || booking.mark.is_none();
        let booking = Box::new(booking);
        self.soon(run, if releases_first { Step::Release(booking) } else { Step::Book(booking) });
    }

    pub(crate) fn book(&mut self, run: usize, mut booking: Booking) {
        booking.is_written = true;
        let Some(attempt) = &self.runs[run].attempt else { return };
        let (account, started_at) = (attempt.account, attempt.started_at);
        if let Some(mark) = &booking.mark {
            let before = self.documents.stats(&mark.profile_id);
            log!(self, "r{run} books");
            self.write(mark);
            let model = self.runs[run].course.wish.model.as_deref();
            if booking.is_success {
                self.oracle.answered(account, model, started_at, mark.now);
            } else {
                let after = self.documents.stats(&mark.profile_id);
                let restored = Restored { before, after };
                self.runs[run].restores.push((mark.profile_id.clone(), restored));
            }
            if let Some(rest) = booking.rest.take() {
                self.oracle.booked(rest);
            }
        }
        self.oracle.known(run);
        if self.sabotage == Sabotage::ReleaseFirst {
            self.oracle.over(run);
            self.go_on(run, booking.next);
        } else {
            self.soon(run, Step::Release(Box::new(booking)));
        }
    }

    pub(crate) fn release(&mut self, run: usize, booking: Booking) {
        let Some(attempt) = &mut self.runs[run].attempt else { return };
        if let Some(held) = attempt.held.take() {
            held.release(&mut self.pool, booking.is_success, self.now);
        }
        if booking.mark.is_some() && !booking.is_written {
            return self.soon(run, Step::Book(Box::new(booking)));
        }
        self.oracle.over(run);
        self.go_on(run, booking.next);
    }

    pub(crate) fn go_on(&mut self, run: usize, next: Next) {
        self.runs[run].attempt = None;
        match next {
            Next::End(end) => self.end(run, end),
            Next::Choose => {
                let now = self.now;
                self.soon(run, Step::Choose(now));
            }
        }
    }

    pub(crate) fn write(&mut self, mark: &Mark) {
        let applied = mark.apply(&mut self.documents);
        self.accounts = None;
        let entry = self.documents.usage(&mark.profile_id);
        log!(self, "{}: {applied:?} {entry:?}", mark.profile_id);
    }
}
