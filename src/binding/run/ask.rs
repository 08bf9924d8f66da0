//! One attempt on the JavaScript thread: call the caller's function, follow its promise, abort its signal.
//!
//! Invariant: the result of a function whose attempt was given up is observed, but not used.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, ObjectRef, Unknown};

use super::attempt::script::attempts;
use super::attempt::secret::{Found, LookUp};
use super::attempt::signs::{Signs, SignsKey};
use super::types::Callback;
use crate::binding::values::function::linked_function;
use crate::error::{Error, Result};
use crate::rotation::attempt_credential::AttemptCredential;

/// An attempt on its way.
pub(crate) struct RunningAttempt {
    /// As `begin` of `js/attempt.js` makes it.
    object: ObjectRef<false>,
    pub(crate) signs: Arc<Signs>,
    _heard: SignsKey,
}

/// How far its promise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Pending,
    Fulfilled,
    Rejected,
}

impl RunningAttempt {
    /// Calls `function` in a turn of its own.
    pub(crate) fn start(
        env: &Env,
        function: &Callback,
        begun: &Begun<'_>,
        signs: Arc<Signs>,
    ) -> Result<Self> {
        let heard = signs.listen();
        let start = || begun.call(env, function, &heard)?.create_ref();
        let object = start().map_err(|_: napi::Error| Error::Internal("the attempt"))?;
        Ok(Self { object, signs, _heard: heard })
    }

    /// Its promise may be waited for.
    pub(crate) fn work<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.object.get_value(env)
    }

    pub(crate) fn progress(&self, env: &Env) -> napi::Result<Progress> {
        let object = self.object.get_value(env)?;
        Ok(match object.get_named_property("isSettled")? {
            false => Progress::Pending,
            true if object.get_named_property("isFulfilled")? => Progress::Fulfilled,
            true => Progress::Rejected,
        })
    }

    /// What it came to: the very value, or the very thing that was thrown.
    pub(crate) fn value<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        self.object.get_value(env)?.get_named_property("value")
    }

    /// What the caller's function is given.
    pub(crate) fn context<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.object.get_value(env)?.get_named_property("context")
    }

    /// Whether its function gave a promise. Known as soon as that has settled.
    pub(crate) fn is_promised(&self, env: &Env) -> napi::Result<bool> {
        self.object.get_value(env)?.get_named_property("isPromised")
    }

    pub(crate) fn secret(&self, env: &Env) -> napi::Result<Found> {
        Found::read(&self.object.get_value(env)?)
    }

    /// Aborts the attempt's signal and lets it go.
    pub(crate) fn abort(self, env: &Env, reason: Unknown<'_>) -> napi::Result<()> {
        let controller: Object<'_> =
            self.object.get_value(env)?.get_named_property("controller")?;
        let abort: Function<'_, Unknown<'_>, Unknown<'_>> =
            controller.get_named_property("abort")?;
        abort.apply(controller, reason)?;
        self.release(env)
    }

    pub(crate) fn release(self, env: &Env) -> napi::Result<()> {
        self.object.unref(env)
    }
}

/// What an attempt begins with.
pub(crate) struct Begun<'a> {
    pub(crate) credential: &'a AttemptCredential,
    pub(crate) profile: &'a str,
    pub(crate) number: usize,
    pub(crate) look_up: Option<LookUp<'a>>,
}

impl Begun<'_> {
    fn call<'env>(
        &self,
        env: &'env Env,
        function: &Callback,
        signs: &SignsKey,
    ) -> napi::Result<Object<'env>> {
        type Run<'env> = Function<'env, (), Unknown<'static>>;
        type Arguments<'a, 'env> =
            FnArgs<(Run<'env>, &'a str, &'a str, &'a str, u32, u32, Option<Object<'env>>)>;
        let begin: Function<'_, Arguments<'_, '_>, Object<'env>> =
            linked_function(env, "begin", |env| attempts(env)?.get_named_property("begin"))?;
        let look_up = self.look_up.as_ref().map(|it| it.to_js(env)).transpose()?;
        let (function, sign) = (function.borrow_back(env)?, signs.number());
        let AttemptCredential { text, api_key, .. } = self.credential;
        let number = self.number as u32;
        begin.call(FnArgs { data: (function, self.profile, text, api_key, number, sign, look_up) })
    }
}
