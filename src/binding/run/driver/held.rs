//! Attempts that are handed out instead of run: the driver stops at each of them until it is told what came of it.
//!
//! Protocol: the run's promise resolves with the attempt's context, whose `tell(what, evidence)` gives
//! - for `succeeded` a promise that means nothing: it holds at once;
//! - for `failed` one of the failure, `null` if the run has ended in another way. Nobody else is reserved;
//! - then for `next` one of the next attempt's context, or how the run ends;
//! - for `released` one of how the run ends.
//!
//! `remaining()` sees to the time limits; see [`Held::remaining`].
//!
//! Invariants: an attempt is told of once; who tells again, or too late, changes nothing. A held attempt keeps no process
//! alive. Who holds it tells of it, and after a failure once more: until then the caller's signal keeps our listener.

use std::rc::Rc;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{
    JsObjectValue, JsValue, Null, Object, PromiseRaw, ToNapiValue, Unknown,
};

use super::{Answer, Driver, HandingOut, Place, Stop, Stopped};
use crate::binding::failure::failure_object;
use crate::binding::run::answer::{self, FailedAnswer};
use crate::binding::run::attempt::response;
use crate::binding::run::run_params::Input;
use crate::binding::values::function::define;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::{FromJs, choices};
use crate::binding::values::value::as_object;
use crate::error::Error;
use crate::rotation::run::Event;
use crate::time::milliseconds;

impl Driver {
    /// A run whose attempts are handed out.
    pub(crate) fn handing_out(input: Input) -> Self {
        Self { handing_out: Some(HandingOut::default()), ..Self::new(input) }
    }

    pub(super) fn is_handing_out(&self) -> bool {
        self.handing_out.is_some()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.handing_out.as_ref().is_some_and(|it| it.is_stopping)
    }

    /// Keeps the context of an attempt whose secret is not there yet.
    pub(super) fn keep_context(&mut self, env: &Env, context: Object<'_>) -> napi::Result<()> {
        self.forget_context(env)?;
        if let Some(handing_out) = &mut self.handing_out {
            handing_out.context = Some(context.create_ref()?);
        }
        Ok(())
    }

    pub(super) fn kept_context<'env>(&self, env: &'env Env) -> Option<Object<'env>> {
        self.handing_out.as_ref()?.context.as_ref()?.get_value(env).ok()
    }

    pub(super) fn forget_context(&mut self, env: &Env) -> napi::Result<()> {
        let kept = self.handing_out.as_mut().and_then(|it| it.context.take());
        kept.map_or(Ok(()), |context| context.unref(env))
    }

    /// The attempt is begun; who gets it says what comes of it.
    pub(super) fn hand_out<'env>(
        mut self,
        env: &'env Env,
        mut context: Object<'env>,
    ) -> napi::Result<Answer<'env>> {
        self.forget_context(env)?;
        let place = Place::default();
        let held = Rc::new(Held(Rc::clone(&place)));
        let asked = Rc::clone(&held);
        define(env, &mut context, "remaining", move |it| asked.remaining(it.env))?;
        define(env, &mut context, "tell", move |it| {
            let what = Told::from_js(it.get(0)?).map_err(|error| to_js_error(it.env, &error))?;
            let evidence = if it.length() > 1 { Some(it.get(1)?) } else { None };
            Ok(held.tell(it.env, what, evidence)?.raw())
        })?;
        place.replace(Some(Stopped { driver: self, at: Stop::Attempt }));
        PromiseRaw::resolve(env, context.to_unknown())
    }

    /// Stops after a failure, and answers with that.
    pub(super) fn stop(mut self, env: &Env, at: Stop) -> napi::Result<Answer<'_>> {
        let answer = last_failure(env, &self)?;
        let handing_out = self.handing_out.get_or_insert_default();
        handing_out.is_stopping = false;
        let place = std::mem::take(&mut handing_out.place);
        place.replace(Some(Stopped { driver: self, at }));
        PromiseRaw::resolve(env, answer)
    }

    fn hears_of_failure<'env>(
        mut self,
        env: &'env Env,
        evidence: Unknown<'env>,
    ) -> napi::Result<Answer<'env>> {
        self.handing_out.get_or_insert_default().is_stopping = true;
        if let Some(limit) = self.attempt.as_ref().and_then(|attempt| attempt.signs.over()) {
            // What the caller saw is what comes of our own abort.
            let event = self.over(env, limit)?;
            return self.on(env, event);
        }
        let Some(attempt) = self.attempt.take() else {
            return self.on(env, Event::Broken(Error::Internal("the attempt")));
        };
        let signs = Arc::clone(&attempt.signs);
        attempt.release(env)?;
        if response::is_refusal(env, evidence) {
            return self.read_refusal(env, evidence, true, signs);
        }
        let returned = answer::returned(env, evidence, &self.asked())?;
        let is_returned = returned.is_some() || !is_error(env, evidence)?;
        let failed = match returned {
            Some(failed) => failed,
            None => answer::thrown(env, evidence, &self.asked())?,
        };
        // Who tells of a failure in words, or in none, has not thrown them by mistake.
        let is_callers_code = failed.is_callers_code && as_object(evidence).is_some();
        let failed = FailedAnswer { is_callers_code, ..failed };
        let failed = self.failed(env, failed, evidence, is_returned, &signs)?;
        self.has_failed(env, failed)
    }
}

fn last_failure<'env>(env: &'env Env, driver: &Driver) -> napi::Result<Unknown<'env>> {
    let last = driver.run.attempts().last();
    match last.and_then(|last| last.failure.clone()) {
        Some(failure) => Ok(failure_object::to_js(env, failure)?.to_unknown()),
        None => Null.into_unknown(env),
    }
}

/// An error is passed on as it is; data that describes a failure becomes one.
fn is_error(env: &Env, evidence: Unknown<'_>) -> napi::Result<bool> {
    let Some(object) = as_object(evidence) else { return Ok(false) };
    if object.is_error()? {
        return Ok(true);
    }
    // A `DOMException` is no error to napi.
    let error: Unknown<'_> = env.get_global()?.get_named_property("Error")?;
    object.instanceof(error)
}

/// An attempt that somebody else carries out. On the JavaScript thread only.
struct Held(Place);

impl Held {
    fn tell<'env>(
        &self,
        env: &'env Env,
        what: Told,
        evidence: Option<Unknown<'env>>,
    ) -> napi::Result<Answer<'env>> {
        match (what, evidence) {
            (Told::Succeeded, _) => self.succeed(env),
            (Told::Failed, Some(evidence)) => self.fail(env, evidence),
            (Told::Failed, None) => self.fail(env, ().into_unknown(env)?),
            (Told::Released, _) => self.release(env),
            (Told::Next, _) => self.next(env),
        }
    }

    fn succeed<'env>(&self, env: &'env Env) -> napi::Result<Answer<'env>> {
        let Some(mut driver) = self.take_attempt() else { return nothing(env) };
        driver.attempt.take().map_or(Ok(()), |attempt| attempt.release(env))?;
        driver.on(env, Event::Answered)
    }

    fn fail<'env>(&self, env: &'env Env, evidence: Unknown<'env>) -> napi::Result<Answer<'env>> {
        if let Some(driver) = self.take_attempt() {
            return driver.hears_of_failure(env, evidence);
        }
        match &*self.0.borrow() {
            Some(stopped) => PromiseRaw::resolve(env, last_failure(env, &stopped.driver)?),
            None => nothing(env),
        }
    }

    fn release<'env>(&self, env: &'env Env) -> napi::Result<Answer<'env>> {
        match self.take() {
            Some(Stopped { driver, at: Stop::End(finish) }) => driver.finish(env, finish),
            Some(Stopped { driver, .. }) => driver.on(env, Event::CallerAborted),
            None => nothing(env),
        }
    }

    fn next<'env>(&self, env: &'env Env) -> napi::Result<Answer<'env>> {
        if self.is_open() {
            let problem = "must have failed before the next one is asked for: call fail()";
            return Err(to_js_error(env, &Error::invalid("lease", problem)));
        }
        match self.take() {
            Some(Stopped { driver, at: Stop::End(finish) }) => driver.finish(env, finish),
            Some(Stopped { driver, .. }) if driver.caller.has_aborted() => {
                driver.on(env, Event::CallerAborted)
            }
            Some(Stopped { driver, at: Stop::Ask { profile, attempt } }) => {
                driver.ask(env, profile, attempt)
            }
            Some(Stopped { driver, .. }) => driver.choose_now(env),
            None => nothing(env),
        }
    }

    /// After how many milliseconds a time limit may be over; then it is to be asked again. Below zero: one is, so the
    /// attempt has failed.
    fn remaining(&self, env: &Env) -> napi::Result<f64> {
        let left = match &*self.0.borrow() {
            Some(Stopped { driver, at: Stop::Attempt }) => {
                let signs = driver.attempt.as_ref().map(|attempt| &attempt.signs);
                signs.filter(|it| it.is_limited()).map(|it| it.over().map_or(Ok(it.left()), Err))
            }
            _ => None,
        };
        match left {
            None => return Ok(f64::INFINITY),
            Some(Ok(left)) => return Ok(milliseconds(left)),
            Some(Err(_over)) => {}
        }
        if let Some(driver) = self.take_attempt() {
            driver.hears_of_failure(env, ().into_unknown(env)?)?;
        }
        Ok(-1.0)
    }

    fn is_open(&self) -> bool {
        matches!(&*self.0.borrow(), Some(Stopped { at: Stop::Attempt, .. }))
    }

    fn take(&self) -> Option<Stopped> {
        let mut stopped = self.0.take()?;
        stopped.driver.handing_out.get_or_insert_default().place = Rc::clone(&self.0);
        Some(stopped)
    }

    /// The driver, if nothing was told yet.
    fn take_attempt(&self) -> Option<Driver> {
        self.is_open().then(|| self.take())?.map(|stopped| stopped.driver)
    }
}

/// What a held attempt is told.
#[derive(Debug, Clone, Copy)]
enum Told {
    Succeeded,
    Failed,
    /// Nothing came of it, and nobody is at fault.
    Released,
    /// After a failure: the next profile is wanted.
    Next,
}
choices! {
    Told:
    "succeeded" => Told::Succeeded,
    "failed" => Told::Failed,
    "released" => Told::Released,
    "next" => Told::Next,
}

fn nothing(env: &Env) -> napi::Result<Answer<'_>> {
    PromiseRaw::resolve(env, Null.into_unknown(env)?)
}
