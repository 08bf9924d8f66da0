//! Exports of `failure`: JavaScript evidence in, one call, a plain record out.

use napi::bindgen_prelude::{Either, Function, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;

use super::evidence::{self, Evidence};
use super::failure_object;
use super::finding_types::FailureFinding;
use super::hint_types::RetryHint;
use super::properties;
use super::thrown;
use super::types::FailoverReason;
use crate::binding::values::host;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::Lenient;
use crate::binding::values::value::of_type;
use crate::error::Error;
use crate::failure::{self, LegacyInputs};

/// Says what a failure means: its class, whom it concerns, whether another account could answer, and when to come back.
///
/// Reads bodies in any container (an object, a list, JSON in a string, server-sent events, JSON between words, cut or
/// corrupted JSON, HTML, nothing) of some thirty providers and gateways, and thrown errors of their SDKs with their
/// causes. Evidence counts in this order: codes, the status, numbers, words. What a refused request may quote decides
/// nothing. A field of the wrong type counts as absent.
///
/// Throws `ERR_INVALID_ARGUMENT` if the argument is no object or one of `rules` cannot be read; nothing else in it makes
/// this function throw.
///
/// ```js
/// const failure = classifyFailure({ status: response.status, headers: response.headers, body: await response.text() })
/// if (failure.rotate) await markAuthProfileFailure({ …, failure })
/// ```
#[napi(
    catch_unwind,
    ts_args_type = "evidence: FailureEvidence",
    ts_return_type = "Failure & { explanation?: FailureFinding[] }"
)]
pub fn classify_failure<'env>(
    env: &'env Env,
    evidence: Unknown<'env>,
) -> napi::Result<Object<'env>> {
    let mut given = evidence::read(evidence).map_err(|error| to_js_error(env, &error))?;
    let explain = Lenient::get(given.explain.take()).unwrap_or(false);
    let judged = Evidence::of(env, given)?;
    if !explain {
        return failure_object::to_js(env, judged.classify());
    }
    let (failure, findings) = judged.explain();
    let mut object = failure_object::to_js(env, failure)?;
    let findings: Vec<FailureFinding> = findings.into_iter().map(Into::into).collect();
    object.set("explanation", findings)?;
    Ok(object)
}

/// Finds when to come back in a response's headers and body; `null` if they do not say.
///
/// Relative delays come before timestamps, and of contradicting delays the longest wins. Without a quota reason, which
/// words in hours or days are too, a wait is capped at five minutes, one of a `Retry-After` header at a day (`trust` says
/// so), and nothing above 35 days is believed.
///
/// Throws `ERR_INVALID_ARGUMENT` if the argument is no object.
#[napi(
    catch_unwind,
    ts_args_type = "response: RetryHintEvidence",
    ts_return_type = "RetryHint | null"
)]
pub fn parse_retry_hint(env: &Env, response: Unknown<'_>) -> napi::Result<Option<RetryHint>> {
    let given = evidence::read(response).map_err(|error| to_js_error(env, &error))?;
    let evidence = Evidence::of(env, given)?;
    Ok(evidence.retry_hint().map(Into::into))
}

/// The retry delay in milliseconds exactly as pi-ai's function of this name computes it: rounded up, with one second of
/// margin, `undefined` when there is none. For code and tests that were written against it; `parseRetryHint` reads more
/// forms and adds no margin.
///
/// `response` is a `Response`, its `Headers`, or anything with `get` or `headers.get`.
///
/// Throws `ERR_INVALID_ARGUMENT` if the text is no string.
#[napi(
    catch_unwind,
    ts_args_type = "errorText: string, response?: Response | Headers | { headers?: { get(name: string): string | null } } | null",
    ts_return_type = "number | undefined"
)]
pub fn extract_retry_delay(
    env: &Env,
    error_text: Unknown<'_>,
    response: Option<Unknown<'_>>,
) -> napi::Result<Either<f64, ()>> {
    let text: String = of_type(error_text, ValueType::String)
        .ok_or_else(|| to_js_error(env, &Error::invalid("errorText", "must be a string")))?;
    let headers = response.and_then(|response| properties::header_getter(env, response));
    let header = |name: &str| headers.as_ref().and_then(|headers| headers.get(name));
    let retry_after = header("retry-after");
    let rate_limit_reset = header("x-ratelimit-reset");
    let rate_limit_reset_after = header("x-ratelimit-reset-after");
    let inputs = LegacyInputs {
        retry_after: retry_after.as_deref(),
        rate_limit_reset: rate_limit_reset.as_deref(),
        rate_limit_reset_after: rate_limit_reset_after.as_deref(),
        to_number: &|text| to_number(env, text).unwrap_or(f64::NAN),
        to_date: &|text| to_date(env, text).unwrap_or(f64::NAN),
        now_ms: if headers.is_some() { host::now(env)?.as_ms() } else { 0.0 },
    };
    // `()` is `undefined`; `None` would be `null`, which callers do not compare with.
    Ok(failure::extract_legacy_delay(&text, &inputs).map_or(Either::B(()), Either::A))
}

/// The host's reason for rotating, from an error text alone; `null` where it would not rotate. The same answers as the
/// host's function of this name (January 2026). Where more is known than a text, `classifyFailure` is the better judge.
///
/// Anything but a string gives `null`.
#[napi(catch_unwind, ts_args_type = "message: string", ts_return_type = "FailoverReason | null")]
pub fn classify_failover_reason(message: Unknown<'_>) -> Option<FailoverReason> {
    let message: String = of_type(message, ValueType::String)?;
    failure::host_reason(&message).map(Into::into)
}

/// Whether a thrown value is a timeout, in the host's sense: named `TimeoutError`, or worded as one, or an `AbortError`
/// whose cause or reason is one.
#[napi(catch_unwind, ts_args_type = "error: unknown")]
pub fn is_timeout_error(env: &Env, error: Unknown<'_>) -> bool {
    thrown::is_timeout(env, error)
}

/// Whether a thrown value is an abort, in the host's sense: an object named `AbortError`, or with "aborted" in its
/// message. Ask `isTimeoutError` first: an abort by the host's own timer is both.
#[napi(catch_unwind, ts_args_type = "error: unknown")]
pub fn is_abort_error(env: &Env, error: Unknown<'_>) -> bool {
    thrown::is_abort(env, error)
}

/// JavaScript's `Number(text)`.
fn to_number(env: &Env, text: &str) -> napi::Result<f64> {
    let number: Function<'_, &str, f64> = env.get_global()?.get_named_property("Number")?;
    number.call(text)
}

/// JavaScript's `Date.parse(text)`.
fn to_date(env: &Env, text: &str) -> napi::Result<f64> {
    let date: Unknown<'_> = env.get_global()?.get_named_property("Date")?;
    let parse: Function<'_, &str, f64> = date.coerce_to_object()?.get_named_property("parse")?;
    parse.call(text)
}
