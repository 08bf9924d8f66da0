//! What a run tells: events on the way, and the answer or the error at its end.

use napi::bindgen_prelude::{
    CallbackContext, FromNapiValue, Function, JsObjectValue, JsValue, Null, Object, ObjectRef,
    PromiseRaw, Unknown,
};
use napi::{Env, ValueType};

use super::input::Callback;
use crate::binding::failure::functions::failure_to_js;
use crate::binding::values::error::js_error_object;
use crate::binding::values::host;
use crate::binding::values::value::of_type;
use crate::binding::values::warning::emit;
use crate::error::{Error, Result};
use crate::failure::Failure;
use crate::pool::choose::Taken;

/// One attempt as it is told at the end.
pub(crate) struct Attempted {
    pub(crate) profile_id: String,
    pub(crate) started_at: f64,
    pub(crate) ended_at: f64,
    pub(crate) failure: Option<Failure>,
}

/// Which fields an event has besides its type and time.
#[derive(Default)]
pub(crate) struct Details<'a> {
    pub(crate) profile_id: Option<&'a str>,
    pub(crate) attempt: Option<usize>,
    pub(crate) is_probe: Option<bool>,
    pub(crate) state: Option<&'a str>,
    pub(crate) until: Option<f64>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) failure: Option<&'a Failure>,
    pub(crate) is_booked: Option<bool>,
}

/// Tells a step. A listener that throws does not harm the run: its error becomes a warning.
pub(crate) fn tell(
    env: &Env,
    listener: Option<&Callback>,
    kind: &str,
    details: &Details<'_>,
) -> napi::Result<()> {
    let Some(listener) = listener else { return Ok(()) };
    let mut event = Object::new(env)?;
    event.set("type", kind)?;
    event.set("at", host::now_ms(env)?)?;
    let optional =
        [("profileId", details.profile_id), ("state", details.state), ("reason", details.reason)];
    for (key, text) in optional {
        if let Some(text) = text {
            event.set(key, text)?;
        }
    }
    if let Some(attempt) = details.attempt {
        event.set("attempt", attempt as u32)?;
    }
    if let Some(until) = details.until {
        event.set("until", until)?;
    }
    for (key, flag) in [("probe", details.is_probe), ("booked", details.is_booked)] {
        if let Some(flag) = flag {
            event.set(key, flag)?;
        }
    }
    if let Some(failure) = details.failure {
        event.set("failure", failure_to_js(env, failure.clone())?)?;
    }
    let listener: Unknown<'_> = listener.borrow_back(env)?.to_unknown();
    let listener: Option<Function<'_, Object<'_>, Unknown<'_>>> =
        of_type(listener, ValueType::Function);
    let Some(listener) = listener else { return Ok(()) };
    match listener.call(event) {
        Ok(value) if value.is_promise().unwrap_or(false) => {
            // An `async` listener's fault would end the process.
            let promise: PromiseRaw<'_, Unknown<'_>> = PromiseRaw::from_unknown(value)?;
            promise.catch(|it: CallbackContext<Unknown<'_>>| warn_listener(&it.env))?;
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(_) => warn_listener(env),
    }
}

fn warn_listener(env: &Env) -> napi::Result<()> {
    emit(env, "the onEvent callback of runWithAuthProfiles threw", "WARN_LISTENER_THREW")
}

/// `attempts`, in their order.
pub(crate) fn attempts_to_js<'env>(
    env: &'env Env,
    attempts: &[Attempted],
) -> napi::Result<Vec<Object<'env>>> {
    let to_js = |(index, attempted): (usize, &Attempted)| {
        let mut object = Object::new(env)?;
        object.set("profileId", attempted.profile_id.as_str())?;
        object.set("attempt", index as u32 + 1)?;
        object.set("startedAt", attempted.started_at)?;
        object.set("endedAt", attempted.ended_at)?;
        match &attempted.failure {
            Some(failure) => object.set("failure", failure_to_js(env, failure.clone())?)?,
            None => object.set("failure", Null)?,
        }
        Ok(object)
    };
    attempts.iter().enumerate().map(to_js).collect()
}

/// `{ result, profileId, attempts }`.
pub(crate) fn outcome<'env>(
    env: &'env Env,
    result: Unknown<'_>,
    attempts: &[Attempted],
) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("result", result)?;
    object.set("profileId", attempts.last().map_or("", |last| last.profile_id.as_str()))?;
    object.set("attempts", attempts_to_js(env, attempts)?)?;
    Ok(object)
}

/// The run's own error, with everything that was found out.
pub(crate) fn error_of<'env>(
    env: &'env Env,
    error: &Error,
    attempts: &[Attempted],
    cause: Option<&ObjectRef<false>>,
) -> napi::Result<Object<'env>> {
    let mut object = js_error_object(env, error)?;
    object.set("attempts", attempts_to_js(env, attempts)?)?;
    match attempts.iter().rev().find_map(|attempted| attempted.failure.clone()) {
        Some(failure) => object.set("failure", failure_to_js(env, failure)?)?,
        None => object.set("failure", Null)?,
    }
    if let Some(cause) = cause {
        let value: Unknown<'_> = cause.get_value(env)?.get_named_property("value")?;
        object.set("cause", value)?;
    }
    Ok(object)
}

/// What the caller's function is given, but for the signal.
pub(crate) fn context<'env>(
    env: &'env Env,
    taken: &Taken,
    profile_id: &str,
    attempt: usize,
) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("profileId", profile_id)?;
    object.set("credential", host::json_parse(env, &taken.credential.0)?)?;
    object.set("apiKey", taken.api_key())?;
    object.set("attempt", attempt as u32)?;
    Ok(object)
}

/// A new `AbortController`.
pub(crate) fn abort_controller(env: &Env) -> Result<Object<'_>> {
    let make = || {
        let class: Function<'_, (), Unknown<'_>> =
            env.get_global()?.get_named_property("AbortController")?;
        class.new_instance(())?.coerce_to_object()
    };
    make().map_err(|_: napi::Error| Error::Internal("AbortController"))
}

/// Calls `controller.abort(reason)`.
pub(crate) fn abort(
    env: &Env,
    controller: &ObjectRef<false>,
    reason: Unknown<'_>,
) -> napi::Result<()> {
    let controller = controller.get_value(env)?;
    let abort: Function<'_, Unknown<'_>, Unknown<'_>> = controller.get_named_property("abort")?;
    abort.apply(controller, reason).map(|_| ())
}
