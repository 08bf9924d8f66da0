//! Reading what a caller reports of a failure.

use napi::bindgen_prelude::Object;

use crate::binding::values::value::{Fields, number_field, object_field, string_field};
use crate::error::Result;
use crate::failure::{Class, Scope};
use crate::profiles::booking::{FailureFacts, Report};
use crate::profiles::cooldown::CooldownSettings;

/// The report without its reason, which each mark treats its own way.
pub(crate) fn read_report(fields: &Fields<'_>, now: f64) -> Result<Report> {
    let retry_after = fields.optional_number("retryAfterMs")?;
    if retry_after.is_some_and(|ms| ms < 0.0) {
        return Err(fields.invalid("retryAfterMs", "must not be negative"));
    }
    let reset_at = fields.optional_number("resetAt")?;
    Ok(Report {
        reason: None,
        failure: fields
            .optional_object("failure")?
            .map(|failure| facts(fields, &failure, now))
            .transpose()?,
        model: fields.optional_string("modelId")?.filter(|model| !model.is_empty()),
        resume_at: retry_after.map(|ms| now + ms).or(reset_at),
        started_at: fields.optional_number("startedAt")?,
    })
}

fn facts(fields: &Fields<'_>, failure: &Object<'_>, now: f64) -> Result<FailureFacts> {
    let class = string_field(failure, "class")
        .and_then(|name| Class::from_name(&name))
        .ok_or_else(|| fields.invalid("failure.class", "must be a class of classifyFailure"))?;
    let stated = |field| number_field(failure, field).filter(|number| number.is_finite());
    // A relative wait does not depend on the server's clock.
    let resume_at =
        stated("retryAfterMs").map(|ms| now + ms.max(0.0)).or_else(|| stated("resetAt"));
    Ok(FailureFacts {
        class,
        scope: string_field(failure, "scope").and_then(|name| Scope::from_name(&name)),
        resume_at,
        source: string_field(failure, "source"),
        model: string_field(failure, "model"),
        answered: stated("eventsDelivered").is_some_and(|events| events > 0.0),
    })
}

/// `cfg.auth.cooldowns`; what is missing or no number falls back to the defaults, as in the host.
pub(crate) fn cooldown_settings(fields: &Fields<'_>) -> Result<CooldownSettings> {
    let cooldowns = fields
        .optional_object("cfg")?
        .and_then(|cfg| object_field(&cfg, "auth"))
        .and_then(|auth| object_field(&auth, "cooldowns"));
    let Some(cooldowns) = cooldowns else { return Ok(CooldownSettings::default()) };
    let by_provider = object_field(&cooldowns, "billingBackoffHoursByProvider");
    let hours_of = |map: &Object<'_>| {
        let keys = Object::keys(map).unwrap_or_default();
        keys.into_iter().filter_map(|key| Some((key.clone(), number_field(map, &key)?))).collect()
    };
    Ok(CooldownSettings {
        billing_backoff_hours: number_field(&cooldowns, "billingBackoffHours"),
        billing_backoff_hours_by_provider: by_provider.as_ref().map(hours_of).unwrap_or_default(),
        billing_max_hours: number_field(&cooldowns, "billingMaxHours"),
        failure_window_hours: number_field(&cooldowns, "failureWindowHours"),
    })
}
