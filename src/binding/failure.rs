//! Exports of `failure`: JavaScript evidence in, one call, a plain record out.

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, Object, ToNapiValue};
use napi_derive::napi;

use crate::failure::Failure;

/// What a failure means. Absent values are `null`.
#[napi(object, object_from_js = false, use_nullable = true, js_name = "Failure")]
#[derive(Debug)]
pub struct FailureRecord {
    /// What kind of failure it is.
    #[napi(ts_type = "FailureClass")]
    pub class: &'static str,
    /// Whom it concerns, and so what a cooldown should cover.
    #[napi(ts_type = "FailureScope")]
    pub scope: &'static str,
    /// Whether another account could answer the same request.
    pub rotate: bool,
    /// Milliseconds until the server expects the next attempt. 0 is "now"; `null` is "not stated".
    pub retry_after_ms: Option<f64>,
    /// The same as wall-clock milliseconds since the epoch.
    pub reset_at: Option<f64>,
    /// Where the wait was found, for example `retry-info`, `message` or `header:retry-after`.
    pub source: Option<&'static str>,
    /// `server`: as stated. `capped`: shortened to five minutes, because nothing else supports so long a wait.
    #[napi(ts_type = "'server' | 'capped' | null")]
    pub trust: Option<&'static str>,
    /// The rule that decided, for logs and tests.
    pub rule: &'static str,
    /// The HTTP status of the response, or the one that the error body names.
    pub status: Option<u16>,
    /// The server's own reason code, for example `QUOTA_EXHAUSTED`, or the code of a thrown error.
    pub reason: Option<String>,
    /// The model that the server names, else the one that was asked for.
    pub model: Option<String>,
    /// The limit that was hit, for example `GenerateRequestsPerDayPerProjectPerModel`.
    pub quota_id: Option<String>,
    /// The id to quote to the service's support.
    pub trace_id: Option<String>,
    /// Where the account's owner must go (`verification_required`).
    pub url: Option<String>,
    /// The server's words: credentials replaced, without control characters, at most 2,000 characters.
    pub text: String,
}

impl From<&Failure> for FailureRecord {
    fn from(failure: &Failure) -> Self {
        Self {
            class: failure.class.name(),
            scope: failure.scope.name(),
            rotate: failure.rotate,
            retry_after_ms: failure.retry_after_ms.map(|ms| ms as f64),
            reset_at: failure.reset_at.map(|ms| ms as f64),
            source: failure.source,
            trust: failure.trust.map(crate::failure::Trust::name),
            rule: failure.rule,
            status: failure.status,
            reason: failure.reason.clone(),
            model: failure.model.clone(),
            quota_id: failure.quota_id.clone(),
            trace_id: failure.trace_id.clone(),
            url: failure.url.clone(),
            text: failure.text.clone(),
        }
    }
}

/// The record as a JavaScript object, for a result or a property of an error.
#[expect(unsafe_code, reason = "napi offers no safe way from a generated value to a handle")]
pub(crate) fn failure_to_js<'env>(env: &'env Env, failure: &Failure) -> napi::Result<Object<'env>> {
    let record = FailureRecord::from(failure);
    // SAFETY: both calls run on the JavaScript thread with the environment that `env` stands for, and the handle lives
    // in its current scope.
    unsafe {
        let raw = FailureRecord::to_napi_value(env.raw(), record)?;
        Object::from_napi_value(env.raw(), raw)
    }
}
