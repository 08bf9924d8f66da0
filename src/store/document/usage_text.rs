//! A usage entry as text: the fields that the rules read, and a transition applied in place.
//!
//! Invariant: fields that a transition does not name keep their text, order and place.

use serde_json::{Map, Value};

use super::object_text::{Layout, ObjectText, number, quote};
use crate::profiles::stats::{Change, UsageStats};
use crate::profiles::windows::{Failover, ModelWindow};

/// The key of a usage entry that only this package writes.
pub(crate) const FAILOVER_KEY: &str = "failover";

/// The fields that the rules read; one of a wrong type counts as absent.
#[must_use]
pub(crate) fn read(entry: &ObjectText) -> UsageStats {
    let number = |key| serde_json::from_str::<f64>(entry.get(key)?).ok();
    let string = |key| serde_json::from_str::<String>(entry.get(key)?).ok();
    let counts = entry.get("failureCounts").and_then(|text| ObjectText::parse(text).ok());
    let failover = entry.get(FAILOVER_KEY).and_then(|text| serde_json::from_str(text).ok());
    UsageStats {
        last_used: number("lastUsed"),
        error_count: number("errorCount"),
        cooldown_until: number("cooldownUntil"),
        cooldown_reason: string("cooldownReason"),
        cooldown_model: string("cooldownModel"),
        disabled_until: number("disabledUntil"),
        disabled_reason: string("disabledReason"),
        last_failure_at: number("lastFailureAt"),
        failure_counts: counts
            .iter()
            .flat_map(ObjectText::members)
            .filter_map(|(reason, text)| {
                Some((reason.to_owned(), serde_json::from_str(text).ok()?))
            })
            .collect(),
        failover: failover.as_ref().map(read_failover).unwrap_or_default(),
    }
}

/// Applies a transition.
pub(crate) fn apply(entry: &mut ObjectText, changes: &[Change], layout: Layout) {
    for change in changes {
        match change {
            Change::Number(key, value) => entry.set(key, number(*value)),
            Change::Text(key, text) => entry.set(key, quote(text)),
            Change::Drop(key) => {
                entry.remove(key);
            }
            Change::ResetCounts => entry.set("failureCounts", "{}".to_owned()),
            Change::Count(reason, count) => {
                let text = entry.get("failureCounts").unwrap_or("{}");
                let mut counts = ObjectText::parse(text).unwrap_or_else(|_| ObjectText::empty());
                counts.set(reason, number(*count));
                entry.set("failureCounts", counts.render(layout.inner()));
            }
            Change::Failover(failover) if failover.is_empty() => {
                entry.remove(FAILOVER_KEY);
            }
            Change::Failover(failover) => {
                entry.set(FAILOVER_KEY, layout.inner().value(&write_failover(failover)));
            }
        }
    }
}

/// Our own key from any JSON value; what does not fit is left out.
#[must_use]
pub(crate) fn read_failover(value: &Value) -> Failover {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let window = |(model, value): (&String, &Value)| {
        let until = value.get("until").and_then(Value::as_f64)?;
        let reason = text(value, "reason").unwrap_or_else(|| "unknown".to_owned());
        Some((model.clone(), ModelWindow { until, reason, source: text(value, "source") }))
    };
    Failover {
        source: text(value, "source"),
        models: value
            .get("models")
            .and_then(Value::as_object)
            .map(|models| models.iter().filter_map(window).collect())
            .unwrap_or_default(),
    }
}

/// Our own key as a JSON value.
#[must_use]
pub(crate) fn write_failover(failover: &Failover) -> Value {
    let mut out = Map::new();
    if let Some(source) = &failover.source {
        out.insert("source".to_owned(), source.as_str().into());
    }
    if !failover.models.is_empty() {
        let models =
            failover.models.iter().map(|(name, window)| (name.clone(), write_window(window)));
        out.insert("models".to_owned(), Value::Object(models.collect()));
    }
    Value::Object(out)
}

fn write_window(window: &ModelWindow) -> Value {
    let mut out = Map::new();
    // Whole milliseconds: hosts and people read integers.
    out.insert("until".to_owned(), (window.until.round() as i64).into());
    out.insert("reason".to_owned(), window.reason.as_str().into());
    if let Some(source) = &window.source {
        out.insert("source".to_owned(), source.as_str().into());
    }
    Value::Object(out)
}
