//! One attempt on the JavaScript thread: call the caller's function, follow its promise, abort its signal.
//!
//! Invariant: what a function does whose turn was given up is observed and not used.

use std::rc::Rc;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{Function, JsObjectValue, JsValue, Object, ObjectRef, Unknown};
use tokio_util::sync::CancellationToken;

use super::run_params::Callback;
use crate::binding::values::host;
use crate::binding::values::settled::{Settled, WhenSettled, promise_with};
use crate::error::{Error, Result};
use crate::pool::choose::HeldReservation;
use crate::rotation::attempt_credential::AttemptCredential;

/// An attempt on its way.
pub(crate) struct RunningAttempt {
    controller: ObjectRef<false>,
    pub(crate) settled: Rc<Settled>,
}

/// What ended the wait for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Settled,
    Aborted,
    TimedOut,
}

impl RunningAttempt {
    /// Calls `function` in a turn of its own.
    pub(crate) fn start(
        env: &Env,
        function: &Callback,
        mut context: Object<'_>,
    ) -> Result<(Self, WhenSettled)> {
        let fault = |_: napi::Error| Error::Internal("the attempt");
        let controller = abort_controller(env)?;
        let mut start = || {
            context.set("signal", controller.get_named_property::<Object<'_>>("signal")?)?;
            let (settled, when_settled) =
                Settled::follow(env, promise_with(env, context, function)?)?;
            Ok((Self { controller: controller.create_ref()?, settled }, when_settled))
        };
        start().map_err(fault)
    }

    /// Aborts the attempt's signal and lets it go.
    pub(crate) fn abort(self, env: &Env, reason: Unknown<'_>) -> napi::Result<()> {
        let controller = self.controller.get_value(env)?;
        let abort: Function<'_, Unknown<'_>, Unknown<'_>> =
            controller.get_named_property("abort")?;
        abort.apply(controller, reason)?;
        self.release(env)
    }

    pub(crate) fn release(self, env: &Env) -> napi::Result<()> {
        self.settled.release(env)?;
        self.controller.unref(env)
    }
}

/// What the caller's function is given, but for the signal.
pub(crate) fn context<'env>(
    env: &'env Env,
    credential: &AttemptCredential,
    profile_id: &str,
    attempt: usize,
) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("profileId", profile_id)?;
    object.set("credential", host::json_parse(env, &credential.text)?)?;
    object.set("apiKey", credential.api_key.as_str())?;
    object.set("attempt", attempt as u32)?;
    Ok(object)
}

fn abort_controller(env: &Env) -> Result<Object<'_>> {
    let make = || {
        let class: Function<'_, (), Unknown<'_>> =
            env.get_global()?.get_named_property("AbortController")?;
        class.new_instance(())?.coerce_to_object()
    };
    make().map_err(|_: napi::Error| Error::Internal("AbortController"))
}

/// Waits for the attempt, the caller's signal or the timer; the attempt comes first. Keeps the reservation meanwhile:
/// when a worker ends, this goes on, but what waits on its thread is lost.
pub(crate) async fn wait(
    when_settled: WhenSettled,
    token: CancellationToken,
    timeout: Option<Duration>,
    reservation: Option<HeldReservation>,
) -> (End, Option<HeldReservation>) {
    let timer = async {
        match timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let end = tokio::select! {
        biased;
        settled = when_settled => {
            if settled.is_err() {
                if let Some(reservation) = reservation {
                    reservation.release(false).await;
                }
                return (End::Aborted, None);
            }
            End::Settled
        },
        () = token.cancelled() => End::Aborted,
        () = timer => End::TimedOut,
    };
    (end, reservation)
}
