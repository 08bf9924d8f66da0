//! One attempt: from the call of the caller's function to what it came to.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};

use super::{Answer, Driver};
use crate::binding::run::answer::{self, FailedAnswer, Kept};
use crate::binding::run::ask::{Begun, End, RunningAttempt, Waiting};
use crate::binding::run::attempt::response::{self, LONGEST_READING, Reading};
use crate::binding::run::attempt::secret::Problem;
use crate::binding::run::attempt::signs::Signs;
use crate::binding::run::attempt::unread::unread_stream;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::warning::warn_unread;
use crate::binding::waits::resume::wait_for;
use crate::binding::waits::settled::Progress;
use crate::error::Error;
use crate::pool::choose::HeldReservation;
use crate::rotation::run::{Event, Failed};
use crate::rotation::time_limits::Limit;
use crate::rotation::verdict::Circumstances;

impl Driver {
    pub(super) fn ask<'env>(
        mut self,
        env: &'env Env,
        profile: &str,
        number: usize,
    ) -> napi::Result<Answer<'env>> {
        let Some(credential) = self.credential.take() else {
            return Err(napi::Error::from_reason("nobody is reserved"));
        };
        let trial = self.reservation.as_ref().and_then(HeldReservation::trial);
        let signs = Signs::new(self.settings.time_limits, trial);
        let reference = credential.reference.clone();
        self.referring = reference.map(|reference| (profile.to_owned(), reference));
        let look_up = self.look_up();
        let has_look_up = look_up.is_some();
        let begun = Begun { credential: &credential, profile, number, look_up };
        let begun = RunningAttempt::start(env, &self.function, &begun, Arc::clone(&signs));
        let (attempt, when_settled) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.on(env, Event::Broken(error)),
        };
        let context = self.is_handing_out().then(|| attempt.context(env)).transpose()?;
        self.attempt = Some(attempt);
        if let Some(context) = context {
            if !has_look_up {
                return self.hand_out(env, context);
            }
            self.keep_context(env, context)?;
        }
        let (token, reservation) = (self.token.clone(), self.reservation.take());
        self.follow(env, Waiting { when_settled, token, signs, reservation })
    }

    fn follow(self, env: &Env, waiting: Waiting) -> napi::Result<Answer<'_>> {
        wait_for(env, waiting.wait(None), move |env, (end, waiting)| self.waited(env, end, waiting))
    }

    /// What has settled by now counts, whatever ended the wait; and so does a sign of life.
    fn waited(mut self, env: &Env, end: End, mut waiting: Waiting) -> napi::Result<Answer<'_>> {
        let progress = self.attempt.as_ref().map(|attempt| attempt.settled.progress());
        let event = match (progress, end, waiting.signs.over()) {
            (Some(Progress::Fulfilled | Progress::Rejected), ..) => {
                return self.ended(env, waiting);
            }
            (Some(Progress::Pending), End::TimedOut, None) => return self.follow(env, waiting),
            (Some(Progress::Pending), End::TimedOut, Some(limit)) => self.over(env, limit)?,
            _ => Event::CallerAborted,
        };
        self.reservation = waiting.reservation.take();
        self.on(env, event)
    }

    pub(super) fn over(&mut self, env: &Env, limit: Limit) -> napi::Result<Event> {
        let after = self.settings.time_limits.of(limit).unwrap_or_default();
        let error = Error::TimedOut { what: limit.what(), after, option: limit.option() };
        let error = js_error_object(env, &error)?.to_unknown();
        self.time_over.keep(env, error)?;
        let Some(attempt) = self.attempt.as_ref() else { return Ok(Event::CallerAborted) };
        let (found, signs) = (attempt.secret(env)?, Arc::clone(&attempt.signs));
        let failed = if self.learn(found).is_some() {
            self.unresolved(env, Problem::TooLong, error)?
        } else {
            let failed = answer::thrown(env, error, &self.asked())?;
            self.failed(env, failed, error, false, &signs)?
        };
        Ok(Event::TimeLimit(failed))
    }

    fn ended(mut self, env: &Env, mut waiting: Waiting) -> napi::Result<Answer<'_>> {
        let Some(attempt) = self.attempt.take() else {
            return self.on(env, Event::Broken(Error::Internal("the attempt")));
        };
        let (is_promised, found) = (attempt.is_promised(env)?, attempt.secret(env)?);
        let (progress, value) = (attempt.settled.progress(), attempt.settled.value(env)?);
        if let Some(context) = self.kept_context(env)
            && progress == Progress::Fulfilled
        {
            self.learn(found);
            self.attempt = Some(attempt);
            self.reservation = waiting.reservation.take();
            return self.hand_out(env, context);
        }
        attempt.release(env)?;
        if let Some(problem) = self.learn(found) {
            self.reservation = waiting.reservation.take();
            let failed = self.unresolved(env, problem, value)?;
            return self.on(env, Event::Failed(failed));
        }
        let is_returned = progress == Progress::Fulfilled;
        if response::is_refusal(env, value) {
            return self.read_refusal(env, value, is_returned, waiting);
        }
        self.reservation = waiting.reservation.take();
        let signs = &waiting.signs;
        let failed = if is_returned {
            answer::returned(env, value, &self.asked())?
        } else {
            Some(answer::thrown(env, value, &self.asked())?)
        };
        if let Some(failed) = failed {
            let failed = self.failed(env, failed, value, is_returned, signs)?;
            return self.on(env, Event::Failed(failed));
        }
        self.answer.keep(env, value)?;
        let unread = if signs.has_any() { None } else { unread_stream(env, value, is_promised) };
        let Some(name) = unread else { return self.on(env, Event::Answered) };
        warn_unread(env, &name);
        self.on(env, Event::Unread)
    }

    /// A response that is not `ok`; its body says why. The limits of the attempt hold while it is read, and what has
    /// arrived by the end decides.
    pub(super) fn read_refusal<'env>(
        mut self,
        env: &'env Env,
        value: Unknown<'env>,
        is_returned: bool,
        waiting: Waiting,
    ) -> napi::Result<Answer<'env>> {
        let (reading, when_settled) = Reading::begin(env, value)?;
        let kept = Kept::new(env, value)?;
        let waiting = Waiting { when_settled, ..waiting };
        wait_for(env, waiting.wait(Some(LONGEST_READING)), move |env, (_, waiting)| {
            self.reservation = waiting.reservation;
            let (value, body) = (kept.value(env)?, reading.end(env)?);
            let failed = response::failed_answer(env, value, body, &self.asked())?;
            let failed = self.failed(env, failed, value, is_returned, &waiting.signs)?;
            kept.release(env)?;
            self.on(env, Event::Failed(failed))
        })
    }

    pub(super) fn failed(
        &mut self,
        env: &Env,
        failed: FailedAnswer,
        cause: Unknown<'_>,
        is_returned: bool,
        signs: &Signs,
    ) -> napi::Result<Failed> {
        let FailedAnswer { mut failure, has_answered, is_callers_code } = failed;
        self.secrets.hide_in(&mut failure);
        let has_answered = has_answered || signs.has_delivered();
        if !has_answered && self.lacks_key(&failure, is_callers_code) {
            return self.unresolved(env, Problem::NotAsked, cause);
        }
        self.cause.keep(env, cause)?;
        self.is_cause_returned = is_returned;
        let silent_for = signs.silent_for();
        let circumstances =
            Circumstances { is_callers_code, silent_for, ..self.circumstances(has_answered) };
        Ok(Failed { failure, circumstances })
    }

    pub(super) fn circumstances(&self, has_answered: bool) -> Circumstances {
        let is_aborted = self.token.is_cancelled();
        Circumstances { is_aborted, has_answered, ..Circumstances::default() }
    }
}
