//! The failure record as a JavaScript object, and back: the only two places where the two meet.
//!
//! Invariant: a record is read from a `failure` property that our own code or the caller's program set, never from a
//! body: a server that sends an object of this shape is read like any other.

use napi::Env;
use napi::ValueType;
use napi::bindgen_prelude::{FromNapiValue, Object, ToNapiValue};

use super::properties::{property, text_property};
use super::types::FailureRecord;
use crate::binding::values::value::{as_object, of_type};
use crate::failure::redact::{identifier, redact};
use crate::failure::{Class, Failure, Rule, Scope, Source, Trust, is_url};

/// The record as a JavaScript object, for a result or a property of an error.
#[expect(unsafe_code, reason = "napi offers no safe way from a generated value to a handle")]
pub(crate) fn to_js(env: &Env, failure: Failure) -> napi::Result<Object<'_>> {
    let record = FailureRecord::from(failure);
    // SAFETY: both calls run on the JavaScript thread with the environment that `env` stands for, and the handle lives
    // in its current scope.
    unsafe {
        let raw = FailureRecord::to_napi_value(env.raw(), record)?;
        Object::from_napi_value(env.raw(), raw)
    }
}

/// The record in an object's `failure`, where that is one. A rule or a source of another version becomes `given`.
pub(crate) fn of(env: &Env, holder: &Object<'_>) -> Option<Failure> {
    let record = property(env, holder, "failure").and_then(as_object)?;
    let text = |name: &str| text_property(env, &record, name);
    let word = |name: &str| text(name).and_then(|text| identifier(&text));
    let number = |name: &str| {
        let number: f64 = of_type(property(env, &record, name)?, ValueType::Number)?;
        number.is_finite().then(|| number.round())
    };
    Some(Failure {
        class: Class::from_name(&text("class")?)?,
        scope: Scope::from_name(&text("scope")?)?,
        rotate: of_type(property(env, &record, "rotate")?, ValueType::Boolean)?,
        retry_after_ms: number("retryAfterMs").filter(|ms| *ms >= 0.0).map(|ms| ms as u64),
        reset_at: number("resetAt").map(|ms| ms as i64),
        source: text("source").map(|name| Source::from_name(&name).unwrap_or(Source::Given)),
        trust: text("trust").and_then(|name| Trust::from_name(&name)),
        rule: Rule::from_name(&text("rule")?).unwrap_or(Rule::Given),
        status: number("status").filter(|it| (100.0..1000.0).contains(it)).map(|it| it as u16),
        reason: word("reason"),
        model: word("model"),
        quota_id: word("quotaId"),
        trace_id: word("traceId"),
        url: text("url").filter(|url| is_url(url)),
        text: redact(&text("text").unwrap_or_default()),
    })
}
