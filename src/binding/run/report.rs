//! What a run tells: events on the way, and the answer or the error at its end.

use napi::bindgen_prelude::{
    CallbackContext, FromNapiValue, Function, JsValue, Null, Object, PromiseRaw, Unknown,
};
use napi::{Env, ValueType};

use super::run_params::Callback;
use crate::binding::failure::failure_object;
use crate::binding::values::host;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::of_type;
use crate::binding::values::warning::emit;
use crate::error::Error;
use crate::failure::Failure;
use crate::rotation::run::{FinishedAttempt, Notice};
use crate::time::WallMs;

/// Which fields an event has besides its type and time.
#[derive(Default)]
struct Details<'a> {
    provider: Option<&'a str>,
    profile_id: Option<&'a str>,
    attempt: Option<usize>,
    is_probe: Option<bool>,
    state: Option<&'a str>,
    until: Option<WallMs>,
    reason: Option<&'a str>,
    failure: Option<&'a Failure>,
    is_booked: Option<bool>,
}

/// The name and the fields of a step; `attempts` are those that are over.
fn describe<'a>(
    notice: &'a Notice,
    attempts: &'a [FinishedAttempt],
) -> (&'static str, Details<'a>) {
    let none = Details::default;
    let of_last = || Details {
        profile_id: attempts.last().map(|last| last.profile.as_str()),
        attempt: Some(attempts.len()),
        ..none()
    };
    match notice {
        Notice::Skipped(standing) => {
            let (until, reason) = (standing.until, standing.reason.as_deref());
            let state = Some(standing.state.name());
            ("skipped", Details { profile_id: Some(&standing.id), state, until, reason, ..none() })
        }
        Notice::Waiting { profile, until } => {
            ("waiting", Details { profile_id: Some(profile), until: Some(*until), ..none() })
        }
        Notice::Attempt { profile, attempt, is_probe } => {
            let (attempt, is_probe) = (Some(*attempt), Some(*is_probe));
            ("attempt", Details { profile_id: Some(profile), attempt, is_probe, ..none() })
        }
        Notice::Failed { is_booked } => {
            let failure = attempts.last().and_then(|last| last.failure.as_ref());
            ("failed", Details { failure, is_booked: Some(*is_booked), ..of_last() })
        }
        Notice::Succeeded => ("succeeded", of_last()),
        Notice::EndpointRests { provider, until } => {
            ("endpoint", Details { provider: Some(provider), until: Some(*until), ..none() })
        }
        Notice::Refused { until } => ("refused", Details { until: Some(*until), ..none() }),
        Notice::Unavailable { next } => {
            let profile_id = next.as_ref().map(|(id, _)| id.as_str());
            let until = next.as_ref().map(|(_, until)| *until);
            ("unavailable", Details { profile_id, until, ..none() })
        }
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
    let event = event_to_js(env, notice, attempts)?;
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

fn event_to_js<'env>(
    env: &'env Env,
    notice: &Notice,
    attempts: &[FinishedAttempt],
) -> napi::Result<Object<'env>> {
    let (kind, details) = describe(notice, attempts);
    let mut event = Object::new(env)?;
    event.set("type", kind)?;
    event.set("at", host::now_ms(env)?.as_ms())?;
    let texts = [
        ("provider", details.provider),
        ("profileId", details.profile_id),
        ("state", details.state),
        ("reason", details.reason),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            event.set(key, text)?;
        }
    }
    if let Some(attempt) = details.attempt {
        event.set("attempt", attempt as u32)?;
    }
    if let Some(until) = details.until {
        event.set("until", until.as_ms())?;
    }
    for (key, flag) in [("probe", details.is_probe), ("booked", details.is_booked)] {
        if let Some(flag) = flag {
            event.set(key, flag)?;
        }
    }
    if let Some(failure) = details.failure {
        event.set("failure", failure_object::to_js(env, failure.clone())?)?;
    }
    Ok(event)
}

fn warn_listener(env: &Env) -> napi::Result<()> {
    emit(env, "the onEvent callback of runWithAuthProfiles threw", "WARN_LISTENER_THREW")
}

/// `attempts`, in their order.
pub(crate) fn attempts_to_js<'env>(
    env: &'env Env,
    attempts: &[FinishedAttempt],
) -> napi::Result<Vec<Object<'env>>> {
    let to_js = |(index, attempted): (usize, &FinishedAttempt)| {
        let mut object = Object::new(env)?;
        object.set("profileId", attempted.profile.as_str())?;
        object.set("attempt", index as u32 + 1)?;
        object.set("startedAt", attempted.started_at.as_ms())?;
        object.set("endedAt", attempted.ended_at.as_ms())?;
        match &attempted.failure {
            Some(failure) => object.set("failure", failure_object::to_js(env, failure.clone())?)?,
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
    attempts: &[FinishedAttempt],
) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("result", result)?;
    object.set("profileId", attempts.last().map_or("", |last| last.profile.as_str()))?;
    object.set("attempts", attempts_to_js(env, attempts)?)?;
    Ok(object)
}

/// The run's own error, with everything that was found out.
pub(crate) fn error_of<'env>(
    env: &'env Env,
    error: &Error,
    attempts: &[FinishedAttempt],
    cause: Option<Unknown<'_>>,
) -> napi::Result<Object<'env>> {
    let mut object = js_error_object(env, error)?;
    object.set("attempts", attempts_to_js(env, attempts)?)?;
    match attempts.iter().rev().find_map(|attempted| attempted.failure.clone()) {
        Some(failure) => object.set("failure", failure_object::to_js(env, failure)?)?,
        None => object.set("failure", Null)?,
    }
    if let Some(cause) = cause {
        object.set("cause", cause)?;
    }
    Ok(object)
}
