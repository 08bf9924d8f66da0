//! Reading what a caller reports of a failure.

use std::borrow::Cow;

use napi::ValueType;
use napi::bindgen_prelude::{Object, Unknown};

use super::types::{BookableFailure, MarkWaitParams};
use crate::binding::values::params::{FromJs, Lenient, Params, misfit};
use crate::binding::values::value::{Fields, number_field, object_field, of_type};
use crate::error::Result;
use crate::failure::{Class, Scope};
use crate::profiles::booking::{FailureFacts, Report, resume_at};
use crate::profiles::cooldown::CooldownSettings;

impl FromJs<'_> for Class {
    fn expected() -> Cow<'static, str> {
        "must be a class of classifyFailure".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        of_type(value, ValueType::String)
            .and_then(|name: String| Self::from_name(&name))
            .ok_or_else(|| misfit(Self::expected()))
    }
}

impl FromJs<'_> for Scope {
    fn expected() -> Cow<'static, str> {
        "must be a scope of classifyFailure".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        of_type(value, ValueType::String)
            .and_then(|name: String| Self::from_name(&name))
            .ok_or_else(|| misfit(Self::expected()))
    }
}

/// The report without its reason, which each mark treats its own way.
pub(crate) fn read_report(fields: &Fields<'_>, now: f64) -> Result<Report> {
    let given = MarkWaitParams::read(fields)?;
    if given.retry_after_ms.is_some_and(|ms| ms < 0.0) {
        return Err(fields.invalid("retryAfterMs", "must not be negative"));
    }
    Ok(Report {
        reason: None,
        failure: given.failure.map(|failure| facts(failure, now)),
        model: given.model_id.filter(|model| !model.is_empty()),
        resume_at: resume_at(given.retry_after_ms, given.reset_at, now),
        started_at: given.started_at,
    })
}

fn facts(failure: BookableFailure, now: f64) -> FailureFacts {
    FailureFacts {
        class: failure.class,
        scope: Lenient::get(failure.scope),
        resume_at: resume_at(
            Lenient::get(failure.retry_after_ms),
            Lenient::get(failure.reset_at),
            now,
        ),
        source: Lenient::get(failure.source),
        model: Lenient::get(failure.model),
        answered: Lenient::get(failure.events_delivered).is_some_and(|events| events > 0.0),
    }
}

/// `cfg.auth.cooldowns`; what is missing or no number falls back to the defaults, as in the host.
pub(crate) fn cooldown_settings(cfg: Option<&Object<'_>>) -> CooldownSettings {
    let cooldowns = cfg
        .and_then(|cfg| object_field(cfg, "auth"))
        .and_then(|auth| object_field(&auth, "cooldowns"));
    let Some(cooldowns) = cooldowns else { return CooldownSettings::default() };
    let by_provider = object_field(&cooldowns, "billingBackoffHoursByProvider");
    let hours_of = |map: &Object<'_>| {
        let keys = Object::keys(map).unwrap_or_default();
        keys.into_iter().filter_map(|key| Some((key.clone(), number_field(map, &key)?))).collect()
    };
    CooldownSettings {
        billing_backoff_hours: number_field(&cooldowns, "billingBackoffHours"),
        billing_backoff_hours_by_provider: by_provider.as_ref().map(hours_of).unwrap_or_default(),
        billing_max_hours: number_field(&cooldowns, "billingMaxHours"),
        failure_window_hours: number_field(&cooldowns, "failureWindowHours"),
    }
}
