//! Usage entries as JavaScript objects: read the fields that the rules need, apply a transition in place.

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, JsValue, Object};

use crate::binding::values::host;
use crate::binding::values::value::{
    define, number_field, object_field, own_object, own_value, string_field,
};
use crate::profiles::windows::Failover;
use crate::profiles::{Change, UsageStats};
use crate::store::document::usage_text::{self, FAILOVER_KEY};

/// `store.usageStats[profileId]`, read field by field; empty if there is none.
pub(crate) fn read_stats(env: &Env, store: &Object<'_>, profile_id: &str) -> UsageStats {
    object_field(store, "usageStats")
        .and_then(|map| own_object(env, &map, profile_id))
        .map(|entry| read_entry(&entry))
        .unwrap_or_default()
}

fn read_entry(entry: &Object<'_>) -> UsageStats {
    let counts = object_field(entry, "failureCounts");
    let failure_counts = counts
        .iter()
        .flat_map(|map| {
            Object::keys(map).unwrap_or_default().into_iter().map(move |key| (map, key))
        })
        .filter_map(|(map, key)| number_field(map, &key).map(|count| (key, count)))
        .collect();
    UsageStats {
        last_used: number_field(entry, "lastUsed"),
        error_count: number_field(entry, "errorCount"),
        cooldown_until: number_field(entry, "cooldownUntil"),
        cooldown_reason: string_field(entry, "cooldownReason"),
        cooldown_model: string_field(entry, "cooldownModel"),
        disabled_until: number_field(entry, "disabledUntil"),
        disabled_reason: string_field(entry, "disabledReason"),
        last_failure_at: number_field(entry, "lastFailureAt"),
        failure_counts,
        failover: object_field(entry, FAILOVER_KEY).map(read_failover).unwrap_or_default(),
    }
}

fn read_failover(object: Object<'_>) -> Failover {
    let value = serde_json::Value::from_unknown(object.to_unknown()).unwrap_or_default();
    usage_text::read_failover(&value)
}

/// The ids that have an entry.
pub(crate) fn stats_ids(store: &Object<'_>) -> Vec<String> {
    object_field(store, "usageStats").and_then(|map| Object::keys(&map).ok()).unwrap_or_default()
}

/// Whether the passed store has an entry for the profile.
pub(crate) fn has_stats(env: &Env, store: &Object<'_>, profile_id: &str) -> bool {
    object_field(store, "usageStats").is_some_and(|map| own_object(env, &map, profile_id).is_some())
}

/// Applies a transition to the passed store: what a mark that cannot be written leaves in this process.
pub(crate) fn apply_changes(
    env: &Env,
    store: &mut Object<'_>,
    profile_id: &str,
    changes: &[Change],
) -> napi::Result<()> {
    let mut map = child(env, store, "usageStats")?;
    let mut entry = child(env, &mut map, profile_id)?;
    for change in changes {
        match change {
            Change::Number(key, value) => entry.set(key, *value)?,
            Change::Text(key, text) => entry.set(key, text.as_str())?,
            Change::Drop(key) => {
                entry.delete_named_property(key)?;
            }
            Change::ResetCounts => entry.set("failureCounts", Object::new(env)?)?,
            Change::Count(reason, count) => {
                let mut counts = child(env, &mut entry, "failureCounts")?;
                define(env, &mut counts, reason, &env.create_double(*count)?)?;
            }
            Change::Failover(failover) if failover.is_empty() => {
                entry.delete_named_property(FAILOVER_KEY)?;
            }
            Change::Failover(failover) => {
                let text = usage_text::write_failover(failover).to_string();
                entry.set(FAILOVER_KEY, host::json_parse(env, &text)?)?;
            }
        }
    }
    Ok(())
}

/// A map's own entry as an object, made if there is none.
fn child<'env>(env: &Env, parent: &mut Object<'env>, key: &str) -> napi::Result<Object<'env>> {
    if let Some(existing) = own_object(env, parent, key) {
        return Ok(existing);
    }
    let made = Object::new(env)?;
    define(env, parent, key, &made)?;
    own_object(env, parent, key)
        .ok_or_else(|| napi::Error::from_reason(format!("the passed store does not accept {key}")))
}

/// Whether the passed store has such a profile, and of which provider.
pub(crate) fn provider_of(env: &Env, store: &Object<'_>, profile_id: &str) -> Option<String> {
    let profiles = object_field(store, "profiles")?;
    let profile = own_value(env, &profiles, profile_id)?;
    string_field(&crate::binding::values::value::as_object(profile)?, "provider")
}
