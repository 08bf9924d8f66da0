//! One attempt of a run: call, wait, judge, book.
//!
//! Invariant: the reservation ends after the booking is written, so that nobody chooses the profile in between. What a
//! function does whose turn was given up is observed and not used.

use std::rc::Rc;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, ObjectRef, Unknown};

use super::book::Booked;
use super::functions::{Answer, Run, after};
use super::input::dice;
use super::outcome::Failed;
use super::report::{Attempted, Details, abort, abort_controller, context, tell};
use crate::binding::values::error::js_error_object;
use crate::binding::values::host;
use crate::binding::values::settled::{Bell, Progress, Settled, promise_with};
use crate::binding::values::warning::warn_once;
use crate::error::Error;
use crate::pool::choose::{Reserved, Taken};
use crate::profiles::stats::Success;
use crate::rotation::course::Circumstances;
use crate::store::edits::marks::{Event, FailureEvent, Mark};

/// A generic cooldown is longer than its ladder says by up to this share, so that accounts that failed together do not
/// come back together.
const LONGEST_STRETCH: f64 = 0.1;

/// How long a booking waits for a lock that an earlier one of the same run did not get.
const SHORT_WAIT: Duration = Duration::from_millis(50);

/// An attempt on its way.
struct Attempt {
    profile_id: String,
    controller: ObjectRef<false>,
    settled: Rc<Settled>,
    started_at: f64,
}

/// What ended the wait for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Settled,
    Aborted,
    TimedOut,
}

/// What a failed attempt is told by.
#[derive(Clone, Copy)]
pub(crate) enum Told<'env> {
    Thrown(Unknown<'env>),
    Returned(Unknown<'env>),
}

impl<'env> Told<'env> {
    pub(crate) fn value(self) -> Unknown<'env> {
        match self {
            Self::Thrown(value) | Self::Returned(value) => value,
        }
    }
}

impl Run {
    pub(crate) fn attempt<'env>(
        mut self,
        env: &'env Env,
        profile_id: &str,
        taken: Taken,
        is_probe: bool,
    ) -> napi::Result<Answer<'env>> {
        let number = self.course.ask(profile_id);
        let controller = match abort_controller(env) {
            Ok(controller) => controller,
            Err(error) => return self.reject(env, &error),
        };
        self.secrets = taken.secrets();
        let mut argument = context(env, &taken, profile_id, number)?;
        argument.set("signal", controller.get_named_property::<Object<'_>>("signal")?)?;
        let details = Details {
            profile_id: Some(profile_id),
            attempt: Some(number),
            is_probe: Some(is_probe),
            ..Details::default()
        };
        tell(env, self.on_event.as_ref(), "attempt", &details)?;
        if self.token.is_cancelled() {
            // By the listener, just now: nothing is sent any more.
            return self.end_aborted(env);
        }
        let started_at = host::now_ms(env)?;
        let (settled, bell) = Settled::follow(env, promise_with(env, argument, &self.function)?)?;
        let attempt = Attempt {
            profile_id: profile_id.to_owned(),
            controller: controller.create_ref()?,
            settled,
            started_at,
        };
        let end = self.end_of(bell, taken.reserved);
        after(env, end, move |env, (end, reserved)| self.settled(env, attempt, end, reserved))
    }

    /// Waits for the attempt, the caller's signal or the timer; the attempt comes first. Keeps the reservation meanwhile:
    /// when a worker ends, this goes on, but what waits on its thread is lost.
    fn end_of(
        &self,
        bell: Bell,
        reserved: Reserved,
    ) -> impl Future<Output = (End, Option<Reserved>)> + Send + 'static {
        let (token, timeout) = (self.token.clone(), self.settings.timeout);
        async move {
            let timer = async {
                match timeout {
                    Some(timeout) => tokio::time::sleep(timeout).await,
                    None => std::future::pending().await,
                }
            };
            let end = tokio::select! {
                biased;
                rung = bell => {
                    if rung.is_err() {
                        reserved.release(false).await;
                        return (End::Aborted, None);
                    }
                    End::Settled
                },
                () = token.cancelled() => End::Aborted,
                () = timer => End::TimedOut,
            };
            (end, Some(reserved))
        }
    }

    fn settled(
        self,
        env: &Env,
        attempt: Attempt,
        end: End,
        reserved: Option<Reserved>,
    ) -> napi::Result<Answer<'_>> {
        let model = self.course.wish.model.as_deref();
        // What has settled by now counts, whatever ended the wait.
        match (attempt.settled.progress(), end) {
            (Progress::Fulfilled, _) => {
                let value = attempt.settled.value(env)?;
                attempt.settled.release(env)?;
                match Failed::returned(env, value, model)? {
                    None => self.succeeded(env, attempt, reserved, value),
                    Some(failed) => {
                        self.failed(env, attempt, reserved, failed, Told::Returned(value))
                    }
                }
            }
            (Progress::Rejected, _) => {
                let error = attempt.settled.value(env)?;
                attempt.settled.release(env)?;
                let failed = Failed::thrown(env, error, model)?;
                self.failed(env, attempt, reserved, failed, Told::Thrown(error))
            }
            (Progress::Pending, End::TimedOut) => {
                attempt.settled.release(env)?;
                let after_ms = self.settings.timeout.as_ref().map_or(0, Duration::as_millis) as u64;
                let error = Error::TimedOut { what: "the attempt", after_ms };
                let error = js_error_object(env, &error)?.to_unknown();
                abort(env, &attempt.controller, error)?;
                let failed = Failed::thrown(env, error, model)?;
                self.failed(env, attempt, reserved, failed, Told::Thrown(error))
            }
            (Progress::Pending, End::Aborted | End::Settled) => {
                attempt.settled.release(env)?;
                abort(env, &attempt.controller, self.reason(env)?)?;
                attempt.controller.unref(env)?;
                self.end_aborted(env)
            }
        }
    }

    fn succeeded<'env>(
        mut self,
        env: &'env Env,
        attempt: Attempt,
        reserved: Option<Reserved>,
        value: Unknown<'_>,
    ) -> napi::Result<Answer<'env>> {
        attempt.controller.unref(env)?;
        let mut kept = Object::new(env)?;
        kept.set("value", value)?;
        let kept = kept.create_ref::<false>()?;
        let now = host::now_ms(env)?;
        let success =
            Success { started_at: Some(attempt.started_at), model: self.course.wish.model.clone() };
        let event = Event::Success { provider: self.settings.provider.clone(), success };
        let mark = Mark { profile_id: attempt.profile_id.clone(), event, now };
        self.attempted.push(Attempted {
            profile_id: attempt.profile_id,
            started_at: attempt.started_at,
            ended_at: now,
            failure: None,
        });
        let booked = self.book(mark, reserved, true);
        after(env, booked, move |env, booked| {
            if let Some(Booked { outcome: Err(error), .. }) = booked {
                warn_once(env, &self.settings.paths.store, &error);
            }
            self.end_succeeded(env, kept)
        })
    }

    fn failed<'env>(
        mut self,
        env: &'env Env,
        attempt: Attempt,
        reserved: Option<Reserved>,
        mut failed: Failed,
        told: Told<'_>,
    ) -> napi::Result<Answer<'env>> {
        attempt.controller.unref(env)?;
        self.secrets.hide_in(&mut failed.failure);
        let now = host::now_ms(env)?;
        let circumstances = Circumstances {
            is_aborted: self.token.is_cancelled(),
            has_answered: failed.has_answered,
        };
        let verdict = self.course.fail(&failed.failure, circumstances, now);
        self.keep_cause(env, told)?;
        let is_returned = matches!(told, Told::Returned(_));
        let mark = self.failure_mark(&attempt.profile_id, attempt.started_at, &failed, now);
        self.attempted.push(Attempted {
            profile_id: attempt.profile_id.clone(),
            started_at: attempt.started_at,
            ended_at: now,
            failure: Some(failed.failure),
        });
        if !verdict.is_booked {
            self.tell_failed(env, false)?;
            drop(reserved);
            return self.end_failed(env, is_returned);
        }
        let booked = self.book(mark, reserved, false);
        after(env, booked, move |env, booked| {
            let Some(Booked { outcome, restored }) = booked else {
                self.tell_failed(env, false)?;
                return self.end_aborted(env);
            };
            let is_booked = outcome.as_ref().is_ok_and(|outcome| outcome.applied.is_ok());
            self.tell_failed(env, is_booked)?;
            if let Some(restored) = restored {
                self.restores.push((attempt.profile_id, restored));
            }
            if let Err(error) = outcome {
                warn_once(env, &self.settings.paths.store, &error);
                if matches!(*error, Error::LockTimeout { .. }) {
                    // Whoever keeps the lock keeps it: the next account is not to wait as long again.
                    let wait = &mut self.settings.options.wait;
                    *wait = SHORT_WAIT.min(*wait);
                }
            }
            if verdict.rotates { self.next(env) } else { self.end_failed(env, is_returned) }
        })
    }

    fn failure_mark(&self, profile_id: &str, started_at: f64, failed: &Failed, now: f64) -> Mark {
        let settings = &self.settings;
        let event = FailureEvent {
            report: failed.report(self.course.wish.model.as_deref(), started_at, now),
            settings: settings.cooldowns.clone(),
            policy: settings.options.policy,
            ladder: settings.options.ladder,
            stretch: dice() * LONGEST_STRETCH,
        };
        let event = Event::Failure(Box::new(event));
        Mark { profile_id: profile_id.to_owned(), event, now }
    }

    fn keep_cause(&mut self, env: &Env, told: Told<'_>) -> napi::Result<()> {
        if let Some(before) = self.cause.take() {
            before.unref(env)?;
        }
        let mut kept = Object::new(env)?;
        kept.set("value", told.value())?;
        self.cause = Some(kept.create_ref()?);
        Ok(())
    }

    fn tell_failed(&self, env: &Env, is_booked: bool) -> napi::Result<()> {
        let Some(last) = self.attempted.last() else { return Ok(()) };
        let details = Details {
            profile_id: Some(&last.profile_id),
            attempt: Some(self.attempted.len()),
            failure: last.failure.as_ref(),
            is_booked: Some(is_booked),
            ..Details::default()
        };
        tell(env, self.on_event.as_ref(), "failed", &details)
    }
}
