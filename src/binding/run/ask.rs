//! One attempt on the JavaScript thread: call the caller's function, follow its promise, abort its signal.
//!
//! Invariant: the result of a function whose attempt was given up is observed, but not used.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, ObjectRef, Unknown};
use tokio_util::sync::CancellationToken;

use super::attempt::script::attempts;
use super::attempt::secret::{Found, LookUp};
use super::attempt::signs::Signs;
use super::types::Callback;
use crate::binding::values::function::linked_function;
use crate::binding::waits::settled::{Settled, WhenSettled};
use crate::error::{Error, Result};
use crate::pool::choose::HeldReservation;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::reserve::Outcome;

/// An attempt on its way.
pub(crate) struct RunningAttempt {
    /// As `begin` of `js/attempt.js` makes it.
    object: ObjectRef<false>,
    pub(crate) settled: Rc<Settled>,
    pub(crate) signs: Arc<Signs>,
}

/// What ended the wait for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Settled,
    Aborted,
    TimedOut,
    /// The attempt's thread ends.
    Lost,
}

impl RunningAttempt {
    /// Calls `function` in a turn of its own.
    pub(crate) fn start(
        env: &Env,
        function: &Callback,
        begun: &Begun<'_>,
        signs: Arc<Signs>,
    ) -> Result<(Self, WhenSettled)> {
        let start = || {
            let object = begun.call(env, function, &signs)?;
            let promise = object.get_named_property("promise")?;
            let (settled, when_settled) = Settled::follow(env, promise)?;
            Ok((Self { object: object.create_ref()?, settled, signs }, when_settled))
        };
        start().map_err(|_: napi::Error| Error::Internal("the attempt"))
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
        self.settled.release(env)?;
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
        signs: &Arc<Signs>,
    ) -> napi::Result<Object<'env>> {
        type Run<'env> = Function<'env, (), Unknown<'static>>;
        type Sign<'env> = Function<'env, bool, ()>;
        type Arguments<'a, 'env> =
            FnArgs<(Run<'env>, &'a str, &'a str, &'a str, u32, Sign<'env>, Option<Object<'env>>)>;
        let begin: Function<'_, Arguments<'_, '_>, Object<'env>> =
            linked_function(env, "begin", |env| attempts(env)?.get_named_property("begin"))?;
        let look_up = self.look_up.as_ref().map(|it| it.to_js(env)).transpose()?;
        let (function, sign) = (function.borrow_back(env)?, signs.to_js(env)?);
        let AttemptCredential { text, api_key, .. } = self.credential;
        let number = self.number as u32;
        begin.call(FnArgs { data: (function, self.profile, text, api_key, number, sign, look_up) })
    }
}

/// The wait for an attempt. Keeps the reservation meanwhile: when a worker ends, this goes on, but what waits on its
/// thread is lost.
pub(crate) struct Waiting {
    pub(crate) when_settled: WhenSettled,
    pub(crate) token: CancellationToken,
    pub(crate) signs: Arc<Signs>,
    pub(crate) reservation: Option<HeldReservation>,
}

impl Waiting {
    /// Until the promise has settled, the caller aborts or a limit is over; the promise comes first. At most for
    /// `longest`.
    pub(crate) async fn wait(mut self, longest: Option<Duration>) -> (End, Self) {
        let Self { when_settled, token, signs, .. } = &mut self;
        let enough = async {
            match longest {
                Some(longest) => tokio::time::sleep(longest).await,
                None => std::future::pending().await,
            }
        };
        let end = tokio::select! {
            biased;
            settled = when_settled => if settled.is_ok() { End::Settled } else { End::Lost },
            () = token.cancelled() => End::Aborted,
            () = signs.until_over() => End::TimedOut,
            () = enough => End::TimedOut,
        };
        if end == End::Lost
            && let Some(reservation) = self.reservation.take()
        {
            reservation.end(Outcome::default());
        }
        (end, self)
    }
}
