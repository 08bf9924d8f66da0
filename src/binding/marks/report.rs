//! Reading what a caller reports of a failure.

use std::borrow::Cow;

use napi::ValueType;
use napi::bindgen_prelude::Unknown;

use super::types::{BookableFailure, MarkWaitParams};
use crate::binding::values::params::{FromJs, Lenient, Params, misfit};
use crate::binding::values::value::{Fields, of_type};
use crate::error::Result;
use crate::failure::{Class, Rule, Scope, Trust};
use crate::profiles::booking::{Report, resume_at};
use crate::profiles::failure_effect::FailureFacts;
use crate::time::WallMs;

/// A type that a failure's record names.
macro_rules! named {
    ($type:ty, $expected:literal) => {
        impl FromJs<'_> for $type {
            fn expected() -> Cow<'static, str> {
                $expected.into()
            }

            fn from_js(value: Unknown<'_>) -> Result<Self> {
                of_type(value, ValueType::String)
                    .and_then(|name: String| Self::from_name(&name))
                    .ok_or_else(|| misfit(Self::expected()))
            }
        }
    };
}
named!(Class, "must be a class of classifyFailure");
named!(Scope, "must be a scope of classifyFailure");
named!(Trust, "must be a trust of classifyFailure");

/// The report without its reason, which each mark treats its own way.
pub(crate) fn read_report(fields: &Fields<'_>, now: WallMs) -> Result<Report> {
    let given = MarkWaitParams::read(fields)?;
    if given.retry_after_ms.is_some_and(|ms| ms < 0.0) {
        return Err(fields.invalid("retryAfterMs", "must not be negative"));
    }
    Ok(Report {
        reason: None,
        failure: given.failure.map(|failure| facts(failure, now)),
        model: given.model_id.filter(|model| !model.is_empty()),
        resume_at: resume_at(given.retry_after_ms, given.reset_at.map(WallMs::new), now),
        started_at: given.started_at.map(WallMs::new),
    })
}

fn facts(failure: BookableFailure, now: WallMs) -> FailureFacts {
    FailureFacts {
        class: failure.class,
        scope: Lenient::get(failure.scope),
        resume_at: resume_at(
            Lenient::get(failure.retry_after_ms),
            Lenient::get(failure.reset_at).map(WallMs::new),
            now,
        ),
        source: Lenient::get(failure.source),
        trust: Lenient::get(failure.trust),
        model: Lenient::get(failure.model),
        is_concurrency: Lenient::get(failure.rule)
            .is_some_and(|rule| rule == Rule::Concurrency.name()),
        answered: Lenient::get(failure.events_delivered).is_some_and(|events| events > 0.0),
    }
}
