//! Drives `rotation`'s machine with promises, signals and timers, on the JavaScript thread between its waits.
//!
//! Protocol: do what the machine says until it has nothing to say, wait for what was begun, tell it what came of that.
//! Every wait ends in [`Driver::go_on`], and every run in [`Driver::finish`], which gives back the listener and every
//! kept value.

mod asking;
pub(crate) mod caller;
mod held;
mod renewing;
mod secret;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, ObjectRef, PromiseRaw, Unknown};
use tokio_util::sync::CancellationToken;

use self::caller::Caller;
use super::answer::{self, Asked, Slot};
use super::ask::RunningAttempt;
use super::attempt::response;
use super::refreshing::{InHand, Refreshing};
use super::report::{error_of, outcome, tell};
use super::run_params::{Input, Settings};
use super::types::Callback;
use crate::binding::values::host;
use crate::binding::values::signal::AbortListener;
use crate::binding::values::value::as_object;
use crate::binding::waits::resume::{Arrival, wait_for, wait_until};
use crate::error::{Error, Outage, Unavailable};
use crate::failure::{Secrets, redact};
use crate::pool::choose::{self, Choosing, HeldReservation, Reserved};
use crate::rotation::account_store::Receipt;
use crate::rotation::attempt_credential::{AttemptCredential, SecretReference};
use crate::rotation::run::{AbortReason, Action, Booking, Event, Finish, Run};
use crate::time::WallMs;

pub(crate) type Answer<'env> = PromiseRaw<'env, Unknown<'env>>;

/// A run on its way. Lives on the JavaScript thread.
pub(crate) struct Driver {
    run: Run,
    settings: Settings,
    chance: fastrand::Rng,
    function: Callback,
    on_event: Option<Callback>,
    caller: Rc<Caller>,
    listener: AbortListener,
    signal: Option<ObjectRef<false>>,
    reservation: Option<HeldReservation>,
    /// Of the failures that were booked.
    receipts: Vec<Arc<dyn Receipt>>,
    credential: Option<AttemptCredential>,
    attempt: Option<RunningAttempt>,
    /// Of the last attempt's credential.
    secrets: Secrets,
    /// What the run resolves with.
    answer: Slot,
    /// What the last failed attempt threw or returned.
    cause: Slot,
    is_cause_returned: bool,
    /// The reason for aborting an attempt whose time is over.
    time_over: Slot,
    resolve_secret: Option<Callback>,
    /// The profile being asked, and where its secret is, if not in the store.
    referring: Option<(String, SecretReference)>,
    refreshing: Option<Refreshing>,
    /// The login that the attempt is made with.
    in_hand: Option<InHand>,
    /// Whose login was renewed after a refusal: that is done once a run.
    renewed: Vec<String>,
    /// Attempts are handed out instead of run.
    handing_out: Option<HandingOut>,
}

/// What a driver keeps for handing out.
#[derive(Default)]
struct HandingOut {
    /// Where it is left when it stops. Of the attempt that was handed out last; while the driver is left there, it has
    /// another one, or the two would keep each other.
    place: Place,
    /// A failure was told.
    is_stopping: bool,
    /// The attempt's context while its secret is looked up.
    context: Option<ObjectRef<false>>,
}

type Place = Rc<RefCell<Option<Stopped>>>;

struct Stopped {
    driver: Driver,
    at: Stop,
}

/// What a stopped driver waits for.
enum Stop {
    /// What came of the attempt.
    Attempt,
    /// Somebody who wants the next profile.
    Choice,
    /// The same, who gets the same profile again, with a new token.
    Ask { profile: String, attempt: usize },
    /// Somebody who wants to know how the run has ended.
    End(Finish),
}

impl Driver {
    pub(crate) fn new(input: Input) -> Self {
        let Input { settings, request, limits, run, resolve_secret, on_event, .. } = input;
        let Input { caller, listener, signal, refreshing, .. } = input;
        let mut chance = fastrand::Rng::new();
        Self {
            run: Run::new(request, limits, chance.fork()),
            settings,
            chance,
            function: run,
            on_event,
            caller,
            listener,
            signal,
            reservation: None,
            receipts: Vec::new(),
            credential: None,
            attempt: None,
            secrets: Secrets::default(),
            answer: Slot::default(),
            cause: Slot::default(),
            is_cause_returned: false,
            time_over: Slot::default(),
            resolve_secret,
            referring: None,
            refreshing,
            in_hand: None,
            renewed: Vec::new(),
            handing_out: None,
        }
    }

    /// Does what the machine says until something has to be waited for.
    pub(crate) fn go_on(mut self, env: &Env) -> napi::Result<Answer<'_>> {
        loop {
            let now = host::now(env)?;
            if self.caller.has_aborted() {
                // Perhaps by the listener, just now.
                self.run.on(Event::CallerAborted, now);
            }
            match self.run.next(now) {
                Some(Action::Tell(notice)) => {
                    tell(env, self.on_event.as_ref(), &notice, self.run.attempts())?;
                }
                Some(Action::AbortAttempt(reason)) => self.abort_attempt(env, reason)?,
                Some(Action::Release) => drop(self.reservation.take()),
                Some(Action::Choose) if self.is_stopping() => return self.stop(env, Stop::Choice),
                Some(Action::Choose) => return self.choose(env, now),
                Some(Action::Wait { deadline }) => {
                    return self.choose_after_wait(env, now, deadline);
                }
                Some(Action::Ask { profile, attempt }) if self.is_stopping() => {
                    return self.stop(env, Stop::Ask { profile, attempt });
                }
                Some(Action::Ask { profile, attempt }) => return self.ask(env, profile, attempt),
                Some(Action::Close(booking)) => self.close(booking),
                Some(Action::TakeBack) => {
                    self.receipts.drain(..).for_each(|receipt| receipt.take_back(now));
                }
                Some(Action::Refuse(refusal)) => {
                    let refused = choose::refuse(self.settings.source.clone(), refusal, now);
                    return self
                        .wait(env, refused, |_, _, is_booked| Ok(Event::RefusalBooked(is_booked)));
                }
                Some(Action::Finish(finish)) if self.is_stopping() => {
                    return self.stop(env, Stop::End(finish));
                }
                Some(Action::Finish(finish)) => return self.finish(env, finish),
                None => return self.finish(env, Finish::Broken(Error::Internal("the run"))),
            }
        }
    }

    /// Waits on another thread, then tells the machine what came of it.
    fn wait<T: Send + 'static>(
        mut self,
        env: &Env,
        future: impl Future<Output = T> + Send + 'static,
        read: impl FnOnce(&mut Self, &Env, T) -> napi::Result<Event> + 'static,
    ) -> napi::Result<Answer<'_>> {
        wait_for(env, future, move |env, answer| {
            let event = read(&mut self, env, answer)?;
            self.on(env, event)
        })
    }

    fn on(mut self, env: &Env, event: Event) -> napi::Result<Answer<'_>> {
        self.run.on(event, host::now(env)?);
        self.go_on(env)
    }

    fn choose_now(self, env: &Env) -> napi::Result<Answer<'_>> {
        let now = host::now(env)?;
        self.choose(env, now)
    }

    fn choose(self, env: &Env, now: WallMs) -> napi::Result<Answer<'_>> {
        let (source, request) = (self.settings.source.clone(), self.run.request().clone());
        let caller = Rc::clone(&self.caller);
        let begin = move |arrival: Arrival<Choosing>| {
            caller.waits_for(arrival.waker());
            choose::begin(&source, request, now, |chosen| arrival.come(chosen));
        };
        wait_until(env, begin, move |env, chosen| self.on_choice(env, chosen))
    }

    fn on_choice(mut self, env: &Env, chosen: Option<Choosing>) -> napi::Result<Answer<'_>> {
        let is_lost = chosen.is_none() && !self.caller.has_aborted();
        let event =
            if is_lost { Event::Broken(Error::Internal("choose")) } else { self.chosen(chosen) };
        self.on(env, event)
    }

    fn choose_after_wait(
        mut self,
        env: &Env,
        now: WallMs,
        deadline: WallMs,
    ) -> napi::Result<Answer<'_>> {
        let (source, request) = (self.settings.source.clone(), self.run.request().clone());
        let choice = choose::choose_after_wait(source, request, now, deadline, self.chance.fork());
        let choice = or_abort(self.caller.token(), choice);
        self.wait(env, choice, |driver, _, chosen| Ok(driver.chosen(chosen)))
    }

    fn chosen(&mut self, chosen: Option<Choosing>) -> Event {
        match chosen {
            None => Event::CallerAborted,
            Some(Err(error)) => Event::Broken(error),
            Some(Ok((chosen, reserved))) => {
                if let Some(Reserved { reservation, credential }) = reserved {
                    self.secrets = credential.secrets.clone();
                    self.reservation = Some(reservation);
                    self.credential = Some(credential);
                }
                Event::Chosen(chosen)
            }
        }
    }

    fn abort_attempt(&mut self, env: &Env, reason: AbortReason) -> napi::Result<()> {
        let Some(attempt) = self.attempt.take() else { return Ok(()) };
        let reason = match reason {
            AbortReason::Caller => self.reason(env)?,
            AbortReason::TimeLimit => value_of(env, &self.time_over)?,
        };
        attempt.abort(env, reason)
    }

    fn close(&mut self, booking: Booking) {
        let outcome = booking.outcome();
        let reservation = self.reservation.take();
        let trial = reservation.as_ref().and_then(HeldReservation::trial);
        if let Some(trial) = trial {
            trial.tell(outcome);
        }
        let then = move || {
            if let Some(reservation) = reservation {
                reservation.end(outcome);
            }
        };
        let receipt = self.settings.source.accounts.book(booking, Box::new(then));
        if !outcome.is_answered {
            self.receipts.push(receipt);
        }
    }

    fn finish(mut self, env: &Env, finish: Finish) -> napi::Result<Answer<'_>> {
        let answer = match finish {
            Finish::Answered => {
                let value = value_of(env, &self.answer)?;
                let outcome = outcome(env, value, self.run.attempts())?;
                PromiseRaw::resolve(env, outcome.to_unknown())
            }
            Finish::Failed => self.pass_on(env),
            Finish::Aborted => PromiseRaw::reject(env, self.reason(env)?),
            Finish::Unavailable(unavailable) => {
                let provider = self.settings.provider.clone();
                let unavailable = Unavailable { provider, ..unavailable };
                self.reject(env, &Error::NoProfileAvailable(Box::new(unavailable)))
            }
            Finish::Outage(outage) => {
                let provider = self.settings.provider.clone();
                let outage = Outage { provider, ..outage };
                self.reject(env, &Error::ProviderUnavailable(Box::new(outage)))
            }
            Finish::Refused { wait } => {
                let provider = self.settings.provider.clone();
                self.reject(env, &Error::RequestRefused { provider, wait })
            }
            Finish::Broken(error) => self.reject(env, &error),
        }?;
        self.forget_context(env)?;
        self.listener.detach(env)?;
        if let Some(signal) = self.signal.take() {
            signal.unref(env)?;
        }
        for slot in [&mut self.answer, &mut self.cause, &mut self.time_over] {
            slot.release(env)?;
        }
        Ok(answer)
    }

    /// Another account would not help: what was thrown is passed on as it is, and what was returned becomes an error.
    fn pass_on<'env>(&self, env: &'env Env) -> napi::Result<Answer<'env>> {
        let value = value_of(env, &self.cause)?;
        if !self.is_cause_returned {
            return PromiseRaw::reject(env, value);
        }
        let attempts = self.run.attempts();
        let failure = attempts.last().and_then(|last| last.failure.as_ref());
        let text = as_object(value).and_then(|message| answer::error_message(env, &message));
        let text = text.or_else(|| response::refusal_text(failure?));
        let text = text.unwrap_or_else(|| "the answer ended in an error".to_owned());
        let text = self.secrets.hide(&redact::redact(&text));
        let mut error = error_of(env, &Error::AttemptFailed { text }, attempts, None)?;
        error.set("result", value)?;
        error.set("profileId", attempts.last().map_or("", |last| last.profile.as_str()))?;
        PromiseRaw::reject(env, error.to_unknown())
    }

    /// With an error of this package's.
    fn reject<'env>(&self, env: &'env Env, error: &Error) -> napi::Result<Answer<'env>> {
        let error = error_of(env, error, self.run.attempts(), self.cause.value(env)?)?;
        PromiseRaw::reject(env, error.to_unknown())
    }

    /// The caller's own reason.
    fn reason<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        match &self.signal {
            Some(signal) => signal.get_value(env)?.get_named_property("reason"),
            None => Ok(Object::new(env)?.to_unknown()),
        }
    }

    fn asked(&self) -> Asked<'_> {
        let request = self.run.request();
        let (provider, model) = (request.provider.as_str(), request.model.as_deref());
        let is_refreshed =
            self.in_hand.as_ref().is_some_and(|it| self.renewed.contains(&it.profile));
        Asked { provider, model, rules: &self.settings.rules, is_refreshed }
    }
}

fn value_of<'env>(env: &'env Env, slot: &Slot) -> napi::Result<Unknown<'env>> {
    slot.value(env)?.map_or_else(|| Ok(Object::new(env)?.to_unknown()), Ok)
}

/// The future's answer, or `None` if the caller aborts first.
async fn or_abort<T>(token: CancellationToken, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = token.cancelled() => None,
        answer = future => Some(answer),
    }
}
