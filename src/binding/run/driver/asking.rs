//! One attempt: from the call of the caller's function to what it came to.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{JsValue, Unknown};

use super::{Answer, Driver, wait_for};
use crate::binding::run::answer::{self, FailedAnswer, Kept};
use crate::binding::run::ask::{End, RunningAttempt, Waiting, context};
use crate::binding::run::attempt::response::{self, LONGEST_READING, Reading};
use crate::binding::run::attempt::signs::Signs;
use crate::binding::run::attempt::unread::unread_stream;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::settled::Progress;
use crate::binding::values::warning::warn_unread;
use crate::error::Error;
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
        let context = context(env, &credential, profile, number)?;
        let signs = Signs::new(self.settings.time_limits);
        let begun = RunningAttempt::start(env, &self.function, context, Arc::clone(&signs));
        let (attempt, when_settled) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.on(env, Event::Broken(error)),
        };
        self.attempt = Some(attempt);
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

    fn over(&mut self, env: &Env, limit: Limit) -> napi::Result<Event> {
        let after = self.settings.time_limits.of(limit).unwrap_or_default();
        let error = Error::TimedOut { what: limit.what(), after, option: limit.option() };
        let error = js_error_object(env, &error)?.to_unknown();
        let failed = answer::thrown(env, error, &self.asked())?;
        let has_delivered = self.attempt.as_ref().is_some_and(|it| it.signs.has_delivered());
        Ok(Event::TimeLimit(self.failed(env, failed, error, false, has_delivered)?))
    }

    fn ended(mut self, env: &Env, mut waiting: Waiting) -> napi::Result<Answer<'_>> {
        let Some(attempt) = self.attempt.take() else {
            return self.on(env, Event::Broken(Error::Internal("the attempt")));
        };
        let is_promised = attempt.is_promised(env)?;
        let (progress, value) = (attempt.settled.progress(), attempt.settled.value(env)?);
        attempt.release(env)?;
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
            let failed = self.failed(env, failed, value, is_returned, signs.has_delivered())?;
            return self.on(env, Event::Failed(failed));
        }
        if !signs.has_any()
            && let Some(name) = unread_stream(env, value, is_promised)
        {
            warn_unread(env, &name);
        }
        self.answer = Some(Kept::new(env, value)?);
        self.on(env, Event::Answered)
    }

    /// A response that says no: its body says why. The limits of the attempt hold while it is read, and the response is
    /// judged by what has arrived, whatever ended the reading.
    fn read_refusal<'env>(
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
            let has_delivered = waiting.signs.has_delivered();
            let failed = self.failed(env, failed, value, is_returned, has_delivered)?;
            kept.release(env)?;
            self.on(env, Event::Failed(failed))
        })
    }

    fn failed(
        &mut self,
        env: &Env,
        (mut failure, has_answered): FailedAnswer,
        cause: Unknown<'_>,
        is_returned: bool,
        has_delivered: bool,
    ) -> napi::Result<Failed> {
        self.secrets.hide_in(&mut failure);
        if let Some(before) = self.cause.replace(Kept::new(env, cause)?) {
            before.release(env)?;
        }
        self.is_cause_returned = is_returned;
        let has_answered = has_answered || has_delivered;
        let is_aborted = self.token.is_cancelled();
        Ok(Failed { failure, circumstances: Circumstances { is_aborted, has_answered } })
    }
}
