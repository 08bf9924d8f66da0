//! One attempt: from the call of the caller's function to what it came to.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use napi::Env;
use napi::bindgen_prelude::{JsValue, Object, Unknown};

use super::renewing::Next;
use super::{Answer, Driver};
use crate::background::timer::{self, Task};
use crate::binding::run::answer::{self, FailedAnswer, Kept};
use crate::binding::run::ask::{Begun, Progress, RunningAttempt};
use crate::binding::run::attempt::response::{self, LONGEST_READING, Reading};
use crate::binding::run::attempt::secret::Problem;
use crate::binding::run::attempt::signs::Signs;
use crate::binding::run::attempt::unread::unread_stream;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::warning::warn_unread;
use crate::binding::waits::resume::{self, Waker};
use crate::error::Error;
use crate::pool::choose::HeldReservation;
use crate::rotation::run::{Event, Failed};
use crate::rotation::time_limits::Limit;
use crate::rotation::verdict::Circumstances;

/// How long a wait beside an attempt may take.
#[derive(Clone)]
struct Bounds {
    signs: Arc<Signs>,
    deadline: Option<Instant>,
}

impl Bounds {
    /// How long neither can be over, whatever signs come.
    fn left(&self) -> Option<Duration> {
        let limit = self.signs.is_limited().then(|| self.signs.left());
        let deadline = self.deadline.map(|it| it.saturating_duration_since(Instant::now()));
        limit.into_iter().chain(deadline).min()
    }

    fn is_over(&self) -> bool {
        self.signs.over().is_some() || self.deadline.is_some_and(|it| it <= Instant::now())
    }
}

/// A failed response whose body is being read.
struct Refusal {
    reading: Reading,
    value: Kept,
    is_returned: bool,
    bounds: Bounds,
}

impl Driver {
    pub(super) fn ask(
        mut self,
        env: &Env,
        profile: String,
        number: usize,
    ) -> napi::Result<Answer<'_>> {
        let Some(credential) = self.credential.take() else {
            return Err(napi::Error::from_reason("nobody is reserved"));
        };
        self.ask_renewed(env, Next { profile, number, credential })
    }

    pub(super) fn ask_with<'env>(
        mut self,
        env: &'env Env,
        next: &Next,
    ) -> napi::Result<Answer<'env>> {
        let Next { profile, number, credential } = next;
        let trial = self.reservation.as_ref().and_then(HeldReservation::trial);
        let signs = Signs::new(self.settings.time_limits, trial);
        let reference = credential.reference.clone();
        self.referring = reference.map(|reference| (profile.clone(), reference));
        let look_up = self.look_up();
        let has_look_up = look_up.is_some();
        let begun = Begun { credential, profile, number: *number, look_up };
        let begun = RunningAttempt::start(env, &self.function, &begun, signs);
        let attempt = match begun {
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
        self.follow(env)
    }

    fn follow(self, env: &Env) -> napi::Result<Answer<'_>> {
        let Some(attempt) = &self.attempt else { return self.lost(env) };
        let (work, signs) = (attempt.work(env)?, Arc::clone(&attempt.signs));
        self.wait_beside(env, work, &Bounds { signs, deadline: None }, Self::woken)
    }

    /// What has settled by now counts, whatever ended the wait; and so does a sign of life.
    fn woken(mut self, env: &Env) -> napi::Result<Answer<'_>> {
        let Some(attempt) = &self.attempt else { return self.lost(env) };
        if attempt.progress(env)? != Progress::Pending {
            return self.ended(env);
        }
        if self.caller.has_aborted() {
            return self.on(env, Event::CallerAborted);
        }
        match attempt.signs.over() {
            Some(limit) => {
                let event = self.over(env, limit)?;
                self.on(env, event)
            }
            None => self.follow(env),
        }
    }

    fn lost(self, env: &Env) -> napi::Result<Answer<'_>> {
        self.on(env, Event::Broken(Error::Internal("the attempt")))
    }

    /// Until `work` has settled, the caller aborts, or a limit may be over. Keeps the reservation for a thread that ends:
    /// what waits on that is lost.
    fn wait_beside<'env>(
        mut self,
        env: &'env Env,
        work: Object<'_>,
        bounds: &Bounds,
        then: impl FnOnce(Self, &Env) -> napi::Result<Answer<'_>> + 'static,
    ) -> napi::Result<Answer<'env>> {
        let (caller, reservation) = (Rc::clone(&self.caller), self.reservation.take());
        let timer = Rc::new(Cell::new(None));
        let (limited, left) = (Rc::clone(&timer), bounds.left());
        let begin = move |waker: Waker| {
            caller.waits_for(waker.clone());
            limited.set(left.and_then(|left| timer::tell_after(left, move || waker.wake())));
        };
        resume::wait_beside(env, work, reservation, begin, move |env, reservation| {
            if let Some(timer) = timer.take() {
                Task::cancel(timer);
            }
            self.reservation = reservation.flatten();
            then(self, env)
        })
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

    fn ended(mut self, env: &Env) -> napi::Result<Answer<'_>> {
        let Some(attempt) = self.attempt.take() else { return self.lost(env) };
        let (is_promised, found) = (attempt.is_promised(env)?, attempt.secret(env)?);
        let is_returned = attempt.progress(env)? == Progress::Fulfilled;
        let value = attempt.value(env)?;
        if let Some(context) = self.kept_context(env)
            && is_returned
        {
            self.learn(found);
            self.attempt = Some(attempt);
            return self.hand_out(env, context);
        }
        let signs = Arc::clone(&attempt.signs);
        attempt.release(env)?;
        if let Some(problem) = self.learn(found) {
            let failed = self.unresolved(env, problem, value)?;
            return self.on(env, Event::Failed(failed));
        }
        if response::is_refusal(env, value) {
            return self.read_refusal(env, value, is_returned, signs);
        }
        let failed = if is_returned {
            answer::returned(env, value, &self.asked())?
        } else {
            Some(answer::thrown(env, value, &self.asked())?)
        };
        if let Some(failed) = failed {
            let failed = self.failed(env, failed, value, is_returned, &signs)?;
            return self.has_failed(env, failed);
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
        self,
        env: &'env Env,
        value: Unknown<'env>,
        is_returned: bool,
        signs: Arc<Signs>,
    ) -> napi::Result<Answer<'env>> {
        let refusal = Refusal {
            reading: Reading::begin(env, value)?,
            value: Kept::new(env, value)?,
            is_returned,
            bounds: Bounds { signs, deadline: Some(Instant::now() + LONGEST_READING) },
        };
        self.read_on(env, refusal)
    }

    fn read_on(self, env: &Env, refusal: Refusal) -> napi::Result<Answer<'_>> {
        let (work, bounds) = (refusal.reading.work(env)?, refusal.bounds.clone());
        self.wait_beside(env, work, &bounds, move |mut driver, env| {
            let is_over = refusal.bounds.is_over() || driver.caller.has_aborted();
            if !is_over && !refusal.reading.is_over(env)? {
                return driver.read_on(env, refusal);
            }
            let Refusal { reading, value: kept, is_returned, bounds } = refusal;
            let (value, body) = (kept.value(env)?, reading.end(env)?);
            let failed = response::failed_answer(env, value, body, &driver.asked())?;
            let failed = driver.failed(env, failed, value, is_returned, &bounds.signs)?;
            kept.release(env)?;
            driver.has_failed(env, failed)
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
        let is_aborted = self.caller.has_aborted();
        Circumstances { is_aborted, has_answered, ..Circumstances::default() }
    }
}
