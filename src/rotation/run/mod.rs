//! The order of the loop's steps, as one machine: an event goes in, actions come out.
//!
//! A driver (a promise, a lease, a stream, a simulation) feeds what happened with [`Run::on`] and does what
//! [`Run::next`] says, one action after the other, until there is none; then it waits for what it has begun. The machine
//! does not know how long that takes, nor what a promise is.
//!
//! ```text
//!           Chosen: Wait, EndpointRests
//!               ┌───────── Wait ──────────┐
//!               ▼                         │
//!   new ──► Choosing ──── Chosen ────► Deciding ── EndpointRests, for too long ──► Finish(Outage)
//!  (Choose)     ▲                         │
//!               │                         ├── NoneLeft ──► Refusing ── booked ──► TakeBack, Finish(Refused)
//!               │                         │                   │ not the request's
//!               │                         │ Take: Ask         ▼
//!               │                         ▼            Finish(Unavailable)
//!               │                      Asking
//!               │   Failed, TimeLimit │       │ Answered
//!               │                     ▼       ▼
//!               └──── rotates ───── Close   Close
//!                     (Choose)        │       │
//!                                     ▼       ▼
//!                        Finish(Failed)     Finish(Answered)
//! ```
//!
//! `CallerAborted` leads from `Choosing`, `Deciding` and `Asking` to `Finish(Aborted)`, and turns a failure that is to
//! be passed on into it. What a server has said before is booked, and an answer that has come is given, all the same.
//!
//! Nothing waits for a booking: after `Close` it holds in this process, and the driver has it written.
//!
//! Invariants: an attempt is closed or its reservation released, once; every run ends in one `Finish`;
//! no profile is asked after an abort; the listener hears of everything in order.

mod action;
mod bounds;
mod event;
mod heard;
mod no_answer;
mod renewed;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use fastrand::Rng;

pub(crate) use self::action::{
    AbortReason, Action, AttemptResult, Booking, Finish, FinishedAttempt, Notice,
};
pub(crate) use self::bounds::Limits;
use self::bounds::{EndpointFaults, Patience, Postponed};
pub(crate) use self::event::{Chosen, Event, Failed};
use super::accounts::Standing;
use super::choice::Choice;
use super::endpoint::rest::EndpointNews;
use super::request::Request;
use super::verdict::{REFUSED_FOR, judge};
use crate::error::Unavailable;
use crate::profiles::booking::Report;
use crate::profiles::stats::Success;
use crate::profiles::status;
use crate::time::WallMs;

/// A generic cooldown is longer than its ladder says by up to this share, so that accounts that failed together do not
/// come back together.
const LONGEST_STRETCH: f64 = 0.1;

/// A run on its way.
#[derive(Debug)]
pub(crate) struct Run {
    request: Request,
    limits: Limits,
    chance: Rng,
    state: State,
    /// What is to be done before the next event.
    actions: VecDeque<Action>,
    attempts: Vec<FinishedAttempt>,
    /// By address.
    endpoint_faults: HashMap<Option<u64>, EndpointFaults>,
    patience: Patience,
    has_told_skips: bool,
    postponed: Postponed,
}

#[derive(Debug)]
enum State {
    /// A choice is under way, or its probe's verdict is awaited.
    Choosing,
    /// The choice is acted on after the listener was told of skipped profiles.
    Deciding(Chosen),
    Asking {
        profile: String,
        is_probe: bool,
        started_at: WallMs,
    },
    Refusing(Unavailable),
    /// The failure is passed on unless the caller aborts before that.
    PassingOn,
    Over,
}

impl Run {
    #[must_use]
    pub(crate) fn new(request: Request, limits: Limits, chance: Rng) -> Self {
        Self {
            request,
            limits,
            chance,
            state: State::Choosing,
            actions: VecDeque::from([Action::Choose]),
            attempts: Vec::new(),
            endpoint_faults: HashMap::new(),
            patience: Patience::default(),
            has_told_skips: false,
            postponed: Postponed::default(),
        }
    }

    /// What is asked for, and who was asked.
    #[must_use]
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// The attempts that are over.
    #[must_use]
    pub(crate) fn attempts(&self) -> &[FinishedAttempt] {
        &self.attempts
    }

    /// The next thing to do; `None` until something happens.
    pub(crate) fn next(&mut self, now: WallMs) -> Option<Action> {
        if self.actions.is_empty() && matches!(self.state, State::Deciding(_)) {
            self.decide(now);
        }
        let action = self.actions.pop_front()?;
        if let (Action::Ask { .. }, State::Asking { started_at, .. }) = (&action, &mut self.state) {
            *started_at = now;
        }
        Some(action)
    }

    /// Something happened. An event that does not fit the state came too late and is ignored.
    pub(crate) fn on(&mut self, event: Event, now: WallMs) {
        match (event, std::mem::replace(&mut self.state, State::Over)) {
            (Event::Chosen(chosen), State::Choosing) => {
                self.patience.end(now);
                self.chosen(chosen);
            }
            (Event::Answered, State::Asking { profile, is_probe, started_at }) => {
                let model = self.request.model.clone();
                let success = Success { started_at: Some(started_at), model };
                let result = AttemptResult::Answered(success);
                self.answered(profile, is_probe, started_at, result, now);
            }
            (Event::Unread, State::Asking { profile, is_probe, started_at }) => {
                self.answered(profile, is_probe, started_at, AttemptResult::Unread, now);
            }
            (Event::Failed(failed), State::Asking { profile, started_at, .. }) => {
                self.failed(profile, started_at, failed, now);
            }
            (Event::TimeLimit(failed), State::Asking { profile, started_at, .. }) => {
                self.actions.push_back(Action::AbortAttempt(AbortReason::TimeLimit));
                self.failed(profile, started_at, failed, now);
            }
            (Event::Renewed(failed, notice), State::Asking { profile, is_probe, started_at }) => {
                self.note(&profile, started_at, failed, now);
                self.tell(notice);
                // The same account again, with its new token.
                self.ask(profile, is_probe, now);
            }
            (Event::Postponed(failed), State::Asking { profile, started_at, .. }) => {
                self.postpone(profile, started_at, failed, now);
            }
            (Event::RefusalBooked(true), State::Refusing(_)) => {
                self.actions.push_back(Action::TakeBack);
                self.refused(REFUSED_FOR, now);
            }
            (Event::RefusalBooked(false), State::Refusing(unavailable)) => {
                self.unavailable(unavailable);
            }
            (Event::CallerAborted, state) => self.aborted(state),
            (Event::Broken(error), state) => {
                if matches!(state, State::Asking { .. }) {
                    self.actions.push_back(Action::Release);
                }
                self.finish(Finish::Broken(error));
            }
            (_, state) => self.state = state,
        }
    }

    fn chosen(&mut self, chosen: Chosen) {
        if !std::mem::replace(&mut self.has_told_skips, true) {
            let taken = match &chosen.choice {
                Choice::Take { id, .. } => Some(id),
                _ => None,
            };
            // A resting profile that is asked all the same is not skipped.
            let skipped =
                |it: &&Standing| it.state != status::State::Ready && Some(&it.id) != taken;
            let skipped: Vec<_> = chosen.standings.iter().filter(skipped).cloned().collect();
            for standing in skipped {
                self.tell(Notice::Skipped(standing));
            }
        }
        self.state = State::Deciding(chosen);
    }

    fn decide(&mut self, now: WallMs) {
        let State::Deciding(Chosen { choice, standings }) =
            std::mem::replace(&mut self.state, State::Over)
        else {
            return;
        };
        let is_over = !self.request.given_up.is_empty() || self.request.is_exhausted;
        let is_waited_for = choice.is_waited_for(now, self.patience.deadline(now)) && !is_over;
        match choice {
            Choice::Take { id, is_probe } => self.ask(id, is_probe, now),
            Choice::Wait { id, until } if is_waited_for => {
                self.wait(Notice::Waiting { profile: id, until }, now);
            }
            Choice::EndpointRests { until, .. } if is_waited_for => {
                self.wait(self.endpoint_rests(until), now);
            }
            Choice::EndpointRests { until, .. } => self.outage(until, now),
            Choice::Wait { id, until } => {
                let unavailable = self.nobody(&standings, Some((&id, until)), now);
                self.unavailable(unavailable);
            }
            Choice::Refused { until } => self.refused(until.since(now), now),
            Choice::NoneLeft => self.none_left(&standings, now),
        }
    }

    fn wait(&mut self, notice: Notice, now: WallMs) {
        self.state = State::Choosing;
        self.tell(notice);
        self.patience.begin(now);
        self.actions.push_back(Action::Wait { deadline: self.patience.deadline(now) });
    }

    fn endpoint_rests(&self, until: WallMs) -> Notice {
        Notice::EndpointRests { provider: self.request.provider.clone(), until }
    }

    fn ask(&mut self, profile: String, is_probe: bool, now: WallMs) {
        self.request.tried.push(profile.clone());
        let attempt = self.attempts.len() + 1;
        let counted = attempt - self.postponed.uncounted;
        self.request.is_exhausted = self.limits.max_attempts.is_some_and(|max| counted >= max);
        self.state = State::Asking { profile: profile.clone(), is_probe, started_at: now };
        self.tell(Notice::Attempt { profile: profile.clone(), attempt, is_probe });
        self.actions.push_back(Action::Ask { profile, attempt });
    }

    fn answered(
        &mut self,
        profile: String,
        is_probe: bool,
        started_at: WallMs,
        result: AttemptResult,
        now: WallMs,
    ) {
        // A function that returns an unread stream may not have sent the request yet.
        let has_answered = matches!(result, AttemptResult::Answered(_));
        let news = has_answered.then_some(EndpointNews::Lives { at: now });
        let booking = Booking { profile: profile.clone(), result, is_awaited: is_probe, now, news };
        self.actions.push_back(Action::Close(booking));
        self.attempts.push(FinishedAttempt { profile, started_at, ended_at: now, failure: None });
        self.tell(Notice::Succeeded);
        self.finish(Finish::Answered);
    }

    fn failed(&mut self, profile: String, started_at: WallMs, failed: Failed, now: WallMs) {
        let Failed { failure, circumstances } = failed;
        let verdict = judge(&failure, circumstances, self.limits.may_replay);
        let model = self.request.model.as_deref();
        let report =
            Report::of_failure(&failure, circumstances.has_answered, model, started_at, now);
        let says = verdict.endpoint;
        let news = self.heard(&profile, says, &failure, circumstances, started_at, now);
        let failure = Some(failure);
        self.attempts.push(FinishedAttempt {
            profile: profile.clone(),
            started_at,
            ended_at: now,
            failure,
        });
        if verdict.is_booked {
            let stretch = self.chance.f64() * LONGEST_STRETCH;
            let result = AttemptResult::Failed { report: Box::new(report), stretch };
            let booking = Booking { profile, result, is_awaited: true, now, news };
            self.actions.push_back(Action::Close(booking));
        } else {
            self.actions.push_back(Action::Release);
        }
        self.tell(Notice::Failed { is_booked: verdict.is_booked });
        if verdict.rotates {
            self.state = State::Choosing;
            self.actions.push_back(Action::Choose);
        } else {
            self.pass_on();
        }
    }

    /// The caller may still abort before it is passed on.
    fn pass_on(&mut self) {
        self.finish(Finish::Failed);
        self.state = State::PassingOn;
    }

    fn aborted(&mut self, state: State) {
        match state {
            State::Choosing | State::Deciding(_) | State::Asking { .. } => {
                let was_asked = !self.actions.iter().any(|it| matches!(it, Action::Ask { .. }));
                // What has happened is booked and told; the rest is dropped.
                self.actions.retain(|action| {
                    use Action::{AbortAttempt, Close, Release, Tell};
                    matches!(action, AbortAttempt(_) | Close(_) | Release | Tell(_))
                });
                if matches!(state, State::Asking { .. }) && was_asked {
                    self.actions.push_back(Action::AbortAttempt(AbortReason::Caller));
                }
                if !matches!(state, State::Choosing) {
                    self.actions.push_back(Action::Release);
                }
                self.finish(Finish::Aborted);
            }
            State::PassingOn => {
                if matches!(self.actions.pop_back(), Some(Action::Finish(_))) {
                    self.finish(Finish::Aborted);
                }
            }
            state => self.state = state,
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.actions.push_back(Action::Tell(notice));
    }

    fn finish(&mut self, finish: Finish) {
        self.state = State::Over;
        self.actions.push_back(Action::Finish(finish));
    }
}
