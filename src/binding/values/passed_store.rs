//! The store object that a caller passed, as the rules read it and as a mark changes it that could not be written.
//!
//! Invariant: maps are read by own property and written by definition, so that no profile's name reaches a prototype.

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, JsValue, Object};
use serde_json::Value;

use super::host;
use super::value::{
    as_object, define, number_field, object_field, own_object, own_value, string_field,
};
use crate::profiles::entry::{self, Entry};
use crate::profiles::stats::{Change, UsageStats};
use crate::store::edits::marks::MarkedStore;

/// `store.usageStats[profileId]`, read field by field; empty if there is none.
pub(crate) fn read_stats(env: &Env, store: &Object<'_>, profile_id: &str) -> UsageStats {
    usage_object(env, store, profile_id)
        .map(|object| entry::read(&UsageObject { env, object }))
        .unwrap_or_default()
}

/// The ids that have an entry.
pub(crate) fn stats_ids(store: &Object<'_>) -> Vec<String> {
    object_field(store, "usageStats").and_then(|map| Object::keys(&map).ok()).unwrap_or_default()
}

/// Whether the passed store has an entry for the profile.
pub(crate) fn has_stats(env: &Env, store: &Object<'_>, profile_id: &str) -> bool {
    usage_object(env, store, profile_id).is_some()
}

/// Applies a transition to the passed store.
pub(crate) fn apply_changes(
    env: &Env,
    store: &mut Object<'_>,
    profile_id: &str,
    changes: &[Change],
) -> napi::Result<()> {
    let mut map = child(env, store, "usageStats")?;
    let object = child(env, &mut map, profile_id)?;
    entry::apply(&mut UsageObject { env, object }, changes)
}

fn usage_object<'env>(env: &Env, store: &Object<'env>, profile_id: &str) -> Option<Object<'env>> {
    own_object(env, &object_field(store, "usageStats")?, profile_id)
}

/// The whole object, for marks.
pub(crate) struct PassedStore<'a, 'env> {
    pub env: &'a Env,
    pub object: &'a mut Object<'env>,
}

impl MarkedStore for PassedStore<'_, '_> {
    type Error = napi::Error;

    fn provider(&self, id: &str) -> Option<String> {
        let profiles = object_field(self.object, "profiles")?;
        string_field(&as_object(own_value(self.env, &profiles, id)?)?, "provider")
    }

    fn usage_stats(&self, id: &str) -> Option<UsageStats> {
        has_stats(self.env, self.object, id).then(|| read_stats(self.env, self.object, id))
    }

    fn change_usage(&mut self, id: &str, changes: &[Change]) -> napi::Result<()> {
        apply_changes(self.env, self.object, id, changes)
    }

    /// The passed object is not read for secrets.
    fn fingerprint(&self, _id: &str) -> Option<String> {
        None
    }

    fn set_last_good(&mut self, provider: &str, id: &str) -> napi::Result<()> {
        let mut map = child(self.env, self.object, "lastGood")?;
        define(self.env, &mut map, provider, &self.env.create_string(id)?)
    }
}

/// One usage entry.
struct UsageObject<'a, 'env> {
    env: &'a Env,
    object: Object<'env>,
}

impl Entry for UsageObject<'_, '_> {
    type Error = napi::Error;

    fn number(&self, key: &str) -> Option<f64> {
        number_field(&self.object, key)
    }

    fn text(&self, key: &str) -> Option<String> {
        string_field(&self.object, key)
    }

    fn numbers(&self, key: &str) -> Vec<(String, f64)> {
        let Some(map) = object_field(&self.object, key) else { return Vec::new() };
        let names = Object::keys(&map).unwrap_or_default();
        names
            .into_iter()
            .filter_map(|name| Some((name.clone(), number_field(&map, &name)?)))
            .collect()
    }

    fn object(&self, key: &str) -> Option<Value> {
        Value::from_unknown(object_field(&self.object, key)?.to_unknown()).ok()
    }

    fn set_number(&mut self, key: &str, value: f64) -> napi::Result<()> {
        self.object.set(key, value)
    }

    fn set_text(&mut self, key: &str, value: &str) -> napi::Result<()> {
        self.object.set(key, value)
    }

    fn set_object(&mut self, key: &str, value: &Value) -> napi::Result<()> {
        self.object.set(key, host::json_parse(self.env, &value.to_string())?)
    }

    fn set_number_in(&mut self, key: &str, name: &str, value: f64) -> napi::Result<()> {
        let mut map = child(self.env, &mut self.object, key)?;
        define(self.env, &mut map, name, &self.env.create_double(value)?)
    }

    fn remove(&mut self, key: &str) -> napi::Result<()> {
        self.object.delete_named_property(key).map(|_| ())
    }
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
