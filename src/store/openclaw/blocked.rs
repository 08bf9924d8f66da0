//! A usage entry as the current gateway writes it, in the words of the rules: its `blockedUntil` fields are a window whose
//! end the server stated, for the account or for one model.

use serde_json::{Map, Value, json};

/// The text of a state row with every entry so translated; as it is if it is not what a state row looks like.
#[must_use]
pub(crate) fn translated(state: &str) -> String {
    let Ok(Value::Object(mut root)) = serde_json::from_str(state) else { return state.to_owned() };
    if let Some(Value::Object(entries)) = root.get_mut("usageStats") {
        for entry in entries.values_mut().filter_map(Value::as_object_mut) {
            translate(entry);
        }
    }
    Value::Object(root).to_string()
}

fn translate(entry: &mut Map<String, Value>) {
    // Nobody but this package writes it, and this gateway drops it: whatever stands there is not ours.
    entry.remove("failover");
    let Some(until) = entry.get("blockedUntil").and_then(Value::as_f64) else { return };
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let source = text("blockedSource").unwrap_or_else(|| "blocked".to_owned());
    let model = text("blockedModel").filter(|_| text("blockedScope").as_deref() == Some("model"));
    match model {
        Some(model) => {
            let window = json!({ "until": until, "reason": "rate_limit", "source": source });
            entry.insert("failover".to_owned(), json!({ "models": { model: window } }));
        }
        None if entry
            .get("cooldownUntil")
            .and_then(Value::as_f64)
            .is_none_or(|end| end < until) =>
        {
            entry.remove("cooldownModel");
            entry.insert("cooldownUntil".to_owned(), until.into());
            entry.insert("cooldownReason".to_owned(), "rate_limit".into());
            entry.insert("failover".to_owned(), json!({ "source": source }));
        }
        None => {}
    }
}
