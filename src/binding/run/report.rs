//! What a run tells: events on the way, and the answer or the error at its end.

use napi::bindgen_prelude::{
    CallbackContext, FromNapiValue, Function, JsObjectValue, JsValue, Object, PromiseRaw, Unknown,
};
use napi::{Env, Property, PropertyAttributes, ValueType};

use super::types::{AuthProfileAttempt, Callback};
use crate::binding::failure::types::FailureRecord;
use crate::binding::values::function::linked;
use crate::binding::values::host;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::{nullable, of_type};
use crate::binding::values::warning::emit;
use crate::error::Error;
use crate::rotation::http_status::http_status;
use crate::rotation::run::{FinishedAttempt, Notice};
use crate::time::WallMs;

/// A step as an event: only what belongs to it is there, so that TypeScript can tell events apart by their type.
/// `attempts` are those that are over.
fn event<'env>(
    env: &'env Env,
    notice: &Notice,
    attempts: &[FinishedAttempt],
    now: WallMs,
) -> napi::Result<Object<'env>> {
    let mut event = Object::new(env)?;
    event.set("type", name_of(notice))?;
    event.set("at", now.as_ms())?;
    match notice {
        Notice::Skipped(standing) => {
            event.set("profileId", standing.id.as_str())?;
            event.set("state", standing.state.name())?;
            event.set("until", nullable(standing.until.map(WallMs::as_ms)))?;
            event.set("reason", nullable(standing.reason.as_deref()))?;
        }
        Notice::Waiting { profile, until } => {
            event.set("profileId", profile.as_str())?;
            event.set("until", until.as_ms())?;
        }
        Notice::Attempt { profile, attempt, is_probe } => {
            event.set("profileId", profile.as_str())?;
            event.set("attempt", *attempt as u32)?;
            event.set("probe", *is_probe)?;
        }
        Notice::Failed { .. } | Notice::Succeeded => {
            let last = attempts.last();
            event.set("profileId", last.map_or("", |last| last.profile.as_str()))?;
            event.set("attempt", attempts.len() as u32)?;
            if let Notice::Failed { is_booked } = notice {
                let failure = last.and_then(|last| last.failure.clone());
                event.set("failure", nullable(failure.map(FailureRecord::from)))?;
                event.set("booked", *is_booked)?;
            }
        }
        Notice::Refreshed { profile, pid, expires } => {
            event.set("profileId", profile.as_str())?;
            event.set("pid", nullable(*pid))?;
            event.set("expires", nullable(expires.map(WallMs::as_ms)))?;
        }
        Notice::EndpointRests { provider, until } => {
            event.set("provider", provider.as_str())?;
            event.set("until", until.as_ms())?;
        }
        Notice::Refused { until } => event.set("until", until.as_ms())?,
        Notice::Unavailable { next } => {
            let (profile_id, until) = next.clone().unzip();
            event.set("profileId", nullable(profile_id))?;
            event.set("until", nullable(until.map(WallMs::as_ms)))?;
        }
    }
    Ok(event)
}

fn name_of(notice: &Notice) -> &'static str {
    match notice {
        Notice::Skipped(_) => "skipped",
        Notice::Waiting { .. } => "waiting",
        Notice::Attempt { .. } => "attempt",
        Notice::Failed { .. } => "failed",
        Notice::Succeeded => "succeeded",
        Notice::Refreshed { .. } => "refreshed",
        Notice::EndpointRests { .. } => "endpoint",
        Notice::Refused { .. } => "refused",
        Notice::Unavailable { .. } => "unavailable",
    }
}

/// Tells a step. A listener that throws does not harm the run: its error becomes a warning.
pub(crate) fn tell(
    env: &Env,
    listener: Option<&Callback>,
    notice: &Notice,
    attempts: &[FinishedAttempt],
) -> napi::Result<()> {
    let Some(listener) = listener else { return Ok(()) };
    let listener: Unknown<'_> = listener.borrow_back(env)?.to_unknown();
    let listener: Option<Function<'_, Object<'_>, Unknown<'_>>> =
        of_type(listener, ValueType::Function);
    let Some(listener) = listener else { return Ok(()) };
    match listener.call(event(env, notice, attempts, host::now(env)?)?) {
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
fn attempts_to_js(attempts: &[FinishedAttempt]) -> Vec<AuthProfileAttempt> {
    let to_js = |(attempt, finished): (u32, &FinishedAttempt)| AuthProfileAttempt {
        profile_id: finished.profile.clone(),
        attempt,
        started_at: finished.started_at.as_ms(),
        ended_at: finished.ended_at.as_ms(),
        failure: nullable(finished.failure.clone().map(Into::into)),
    };
    (1..).zip(attempts).map(to_js).collect()
}

/// `{ result, profileId, attempts }`.
pub(crate) fn outcome<'env>(
    env: &'env Env,
    result: Unknown<'_>,
    attempts: &[FinishedAttempt],
) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("result", result)?;
    object.set("profileId", attempts.last().map_or("", |last| last.profile.as_str()))?;
    object.set("attempts", attempts_to_js(attempts))?;
    Ok(object)
}

const SCRIPT: &str = concat!(include_str!("js/error.js"), "//# sourceURL=auth-failover/error.js");

/// `toResponse()`, which nobody sees who prints the error.
fn offer_response(env: &Env, error: &mut Object<'_>) -> napi::Result<()> {
    let errors = linked(env, "errors", |env| {
        let link: Function<'_, (), Object<'_>> = env.run_script(SCRIPT)?;
        link.call(())
    })?;
    let to_response: Unknown<'_> = errors.get_named_property("toResponse")?;
    let attributes = PropertyAttributes::Writable | PropertyAttributes::Configurable;
    let property = Property::new().with_utf8_name("toResponse")?.with_value(&to_response);
    error.define_properties(&[property.with_property_attributes(attributes)])
}

/// The run's own error, with everything that was found out.
pub(crate) fn error_of<'env>(
    env: &'env Env,
    error: &Error,
    attempts: &[FinishedAttempt],
    cause: Option<Unknown<'_>>,
) -> napi::Result<Object<'env>> {
    let mut object = js_error_object(env, error)?;
    object.set("attempts", attempts_to_js(attempts))?;
    let failure = attempts.iter().rev().find_map(|attempted| attempted.failure.clone());
    if let Some(status) = http_status(error, failure.as_ref()) {
        object.set("status", u32::from(status))?;
        offer_response(env, &mut object)?;
    }
    if let (Error::AttemptFailed { .. }, Some(failure)) = (error, &failure) {
        object.set("retryAfterMs", nullable(failure.retry_after_ms.map(|ms| ms as f64)))?;
    }
    object.set("failure", nullable(failure.map(FailureRecord::from)))?;
    if let Some(cause) = cause {
        object.set("cause", cause)?;
    }
    Ok(object)
}
