//! A `Response` that is not `ok`. `fetch` does not throw on a 429, so a function that returns such a response has not
//! answered.
//!
//! Invariant: the caller's response stays readable; what is read of a copy is bounded, and its rest is cancelled.

use std::time::Duration;

use napi::bindgen_prelude::{
    FnArgs, Function, JsObjectValue, Object, ObjectRef, Uint8Array, Unknown,
};
use napi::{Env, ValueType};

use super::script::attempts;
use crate::binding::failure::properties::{property, read_headers, status_number};
use crate::binding::run::answer::{Asked, FailedAnswer, evidence, has_answered};
use crate::binding::values::value::{as_object, of_type};
use crate::failure::Failure;
use crate::failure::own_rules::header_names;

/// Error bodies have a few hundred bytes; error pages of proxies some thousand.
const MOST_BYTES: u32 = 64 * 1024;
/// An error body comes with its headers, or it does not come.
pub(crate) const LONGEST_READING: Duration = Duration::from_secs(3);

/// Whether this is a response, of whatever realm or package, that is not `ok`.
pub(crate) fn is_refusal(env: &Env, value: Unknown<'_>) -> bool {
    let Some(response) = as_object(value) else { return false };
    let is = |holder: &Object<'_>, name: &str, kind: ValueType| {
        property(env, holder, name).is_some_and(|value| value.get_type().is_ok_and(|it| it == kind))
    };
    property(env, &response, "ok").and_then(|ok| of_type(ok, ValueType::Boolean)) == Some(false)
        && is(&response, "status", ValueType::Number)
        && (is(&response, "clone", ValueType::Function) || is(&response, "body", ValueType::Object))
        && property(env, &response, "headers")
            .and_then(as_object)
            .is_some_and(|headers| is(&headers, "get", ValueType::Function))
}

/// The body of a response on its way.
pub(crate) struct Reading(ObjectRef<false>);

impl Reading {
    pub(crate) fn begin(env: &Env, response: Unknown<'_>) -> napi::Result<Self> {
        let read: Function<'_, FnArgs<(Unknown<'_>, u32)>, Object<'_>> =
            attempts(env)?.get_named_property("read")?;
        let reader = read.call(FnArgs { data: (response, MOST_BYTES) })?;
        Ok(Self(reader.create_ref()?))
    }

    /// It may be waited for.
    pub(crate) fn work<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.0.get_value(env)
    }

    pub(crate) fn is_over(&self, env: &Env) -> napi::Result<bool> {
        self.0.get_value(env)?.get_named_property("isSettled")
    }

    /// What has arrived. Reads no more.
    pub(crate) fn end(self, env: &Env) -> napi::Result<Vec<u8>> {
        let reader = self.0.get_value(env)?;
        let take: Function<'_, (), Uint8Array> = reader.get_named_property("take")?;
        let bytes = take.call(())?.to_vec();
        self.0.unref(env)?;
        Ok(bytes)
    }
}

/// What the response says, with what has arrived of its body.
pub(crate) fn failed_answer(
    env: &Env,
    response: Unknown<'_>,
    body: Vec<u8>,
    asked: &Asked<'_>,
) -> napi::Result<FailedAnswer> {
    let mut evidence = evidence(env, asked)?;
    let failed =
        |failure, has_answered| FailedAnswer { failure, has_answered, is_callers_code: false };
    let Some(response) = as_object(response) else { return Ok(failed(evidence.classify(), false)) };
    evidence.status = property(env, &response, "status").and_then(status_number);
    let also = header_names(asked.rules);
    let headers = property(env, &response, "headers");
    evidence.headers = headers.map(|it| read_headers(env, it, &also)).unwrap_or_default();
    evidence.body = Some(body).filter(|body| !body.is_empty());
    Ok(failed(evidence.classify(), has_answered(env, &response)))
}

/// A failed response in words.
pub(crate) fn refusal_text(failure: &Failure) -> Option<String> {
    let status = failure.status?;
    let words = Some(failure.text.as_str()).filter(|words| !words.is_empty());
    Some(words.map_or_else(
        || format!("the server answered with status {status}"),
        |words| format!("the server answered with status {status}: {words}"),
    ))
}
