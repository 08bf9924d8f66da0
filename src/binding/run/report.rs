//! What a run tells: events on the way, and the answer or the error at its end.

use napi::bindgen_prelude::{
    CallbackContext, FromNapiValue, Function, JsValue, Object, PromiseRaw, Unknown,
};
use napi::{Env, ValueType};

use super::types::{AuthProfileAttempt, AuthProfileRunEvent, Callback};
use crate::binding::failure::types::FailureRecord;
use crate::binding::values::host;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::{nullable, of_type};
use crate::binding::values::warning::emit;
use crate::error::Error;
use crate::rotation::run::{FinishedAttempt, Notice};
use crate::time::WallMs;

/// A step as an event; `attempts` are those that are over.
fn event(notice: &Notice, attempts: &[FinishedAttempt], now: WallMs) -> AuthProfileRunEvent {
    let of = |r#type| AuthProfileRunEvent { r#type, at: now.as_ms(), ..Default::default() };
    let of_last = |r#type| AuthProfileRunEvent {
        profile_id: attempts.last().map(|last| last.profile.clone()),
        attempt: Some(attempts.len() as u32),
        ..of(r#type)
    };
    match notice {
        Notice::Skipped(standing) => AuthProfileRunEvent {
            profile_id: Some(standing.id.clone()),
            state: Some(standing.state.name()),
            until: standing.until.map(WallMs::as_ms),
            reason: standing.reason.clone(),
            ..of("skipped")
        },
        Notice::Waiting { profile, until } => AuthProfileRunEvent {
            profile_id: Some(profile.clone()),
            until: Some(until.as_ms()),
            ..of("waiting")
        },
        Notice::Attempt { profile, attempt, is_probe } => AuthProfileRunEvent {
            profile_id: Some(profile.clone()),
            attempt: Some(*attempt as u32),
            probe: Some(*is_probe),
            ..of("attempt")
        },
        Notice::Failed { is_booked } => AuthProfileRunEvent {
            failure: attempts.last().and_then(|last| last.failure.clone()).map(Into::into),
            booked: Some(*is_booked),
            ..of_last("failed")
        },
        Notice::Succeeded => of_last("succeeded"),
        Notice::EndpointRests { provider, until } => AuthProfileRunEvent {
            provider: Some(provider.clone()),
            until: Some(until.as_ms()),
            ..of("endpoint")
        },
        Notice::Refused { until } => {
            AuthProfileRunEvent { until: Some(until.as_ms()), ..of("refused") }
        }
        Notice::Unavailable { next } => {
            let (profile_id, until) = next.clone().unzip();
            let until = until.map(WallMs::as_ms);
            AuthProfileRunEvent { profile_id, until, ..of("unavailable") }
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
    let event = event(notice, attempts, host::now(env)?);
    let listener: Unknown<'_> = listener.borrow_back(env)?.to_unknown();
    let listener: Option<Function<'_, AuthProfileRunEvent, Unknown<'_>>> =
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
    object.set("failure", nullable(failure.map(FailureRecord::from)))?;
    if let Some(cause) = cause {
        object.set("cause", cause)?;
    }
    Ok(object)
}
