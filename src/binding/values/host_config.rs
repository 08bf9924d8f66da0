//! The parts of the host's configuration that count here.
//!
//! Invariant: as in the host, what is missing or of another type falls back to the default.

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, Object};

use super::value::{number_field, object_entries, object_field, string_elements, string_field};
use crate::profiles::cooldown::CooldownSettings;
use crate::profiles::order::Kind;
use crate::profiles::provider::normalize_provider_id;
use crate::store::edits::candidates::OrderConfig;

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

/// `cfg.auth.order` and `cfg.auth.profiles` of one provider (normalized) as plain data.
pub(crate) fn order_config(env: &Env, cfg: Option<&Object<'_>>, provider: &str) -> OrderConfig {
    let Some(auth) = cfg.and_then(|cfg| object_field(cfg, "auth")) else {
        return OrderConfig::default();
    };
    let configured = object_field(&auth, "profiles");
    let entries = configured.map(|map| object_entries(env, &map)).unwrap_or_default();
    let (ours, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(_, config)| belongs_to(config, provider));
    let mode =
        |config: &Object<'_>| string_field(config, "mode").and_then(|mode| Kind::parse(&mode));
    OrderConfig {
        order: listed_order(&auth, provider),
        profiles: ours.into_iter().map(|(id, config)| (id, mode(&config))).collect(),
        foreign: others.into_iter().map(|(id, _)| id).collect(),
    }
}

/// The first entry of `holder.order` whose provider is meant.
pub(crate) fn listed_order(holder: &Object<'_>, provider: &str) -> Option<Vec<String>> {
    let orders = object_field(holder, "order")?;
    let keys = Object::keys(&orders).unwrap_or_default();
    let key = keys.into_iter().find(|key| normalize_provider_id(key) == provider)?;
    string_elements(orders.get_named_property(&key).ok()?)
}

/// Whether a profile, or what the configuration says of it, is of this provider (normalized).
pub(crate) fn belongs_to(profile: &Object<'_>, provider: &str) -> bool {
    string_field(profile, "provider").is_some_and(|name| normalize_provider_id(&name) == provider)
}
