//! Reading and changing a usage entry, whatever it is made of: the text of a file, or a JavaScript object.
//!
//! Invariant: a field of a wrong type counts as absent, and fields that a change does not name stay as they are.

use serde_json::{Map, Value};

use super::stats::{Change, Failover, Field, ModelWindow, Slot, UsageStats};
use crate::time::WallMs;

/// A JSON object that holds a usage entry.
pub(crate) trait Entry {
    type Error;

    fn number(&self, key: &str) -> Option<f64>;
    fn text(&self, key: &str) -> Option<String>;
    /// The numbers of a member that is an object.
    fn numbers(&self, key: &str) -> Vec<(String, f64)>;
    /// A member that is an object, as plain data.
    fn object(&self, key: &str) -> Option<Value>;

    fn set_number(&mut self, key: &str, value: f64) -> Result<(), Self::Error>;
    fn set_text(&mut self, key: &str, value: &str) -> Result<(), Self::Error>;
    fn set_object(&mut self, key: &str, value: &Value) -> Result<(), Self::Error>;
    /// Sets one number of a member that is an object; makes the object if there is none.
    fn set_number_in(&mut self, key: &str, name: &str, value: f64) -> Result<(), Self::Error>;
    fn remove(&mut self, key: &str) -> Result<(), Self::Error>;
}

/// The fields that the rules read.
#[must_use]
pub(crate) fn read(entry: &impl Entry) -> UsageStats {
    let mut stats = UsageStats::default();
    for field in Field::ALL {
        let key = field.key();
        match stats.slot(field) {
            Slot::Number(number) => *number = entry.number(key),
            Slot::Time(time) => *time = entry.number(key).map(WallMs::new),
            Slot::Text(text) => *text = entry.text(key),
            Slot::Counts(counts) => *counts = entry.numbers(key),
            Slot::Failover(failover) => {
                *failover = entry.object(key).as_ref().map(read_failover).unwrap_or_default();
            }
        }
    }
    stats
}

/// Applies a transition.
pub(crate) fn apply<E: Entry>(entry: &mut E, changes: &[Change]) -> Result<(), E::Error> {
    for change in changes {
        match change {
            Change::Number(field, value) => entry.set_number(field.key(), *value)?,
            Change::Time(field, time) => entry.set_number(field.key(), time.as_ms())?,
            Change::Text(field, text) => entry.set_text(field.key(), text)?,
            Change::Drop(field) => entry.remove(field.key())?,
            Change::ResetCounts => {
                entry.set_object(Field::FailureCounts.key(), &Value::Object(Map::new()))?;
            }
            Change::Count(reason, count) => {
                entry.set_number_in(Field::FailureCounts.key(), reason, *count)?;
            }
            Change::Failover(failover) if failover.is_empty() => {
                entry.remove(Field::Failover.key())?;
            }
            Change::Failover(failover) => {
                entry.set_object(Field::Failover.key(), &write_failover(failover))?;
            }
        }
    }
    Ok(())
}

/// Our own key from any JSON value; what does not fit is left out.
#[must_use]
fn read_failover(value: &Value) -> Failover {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let window = |(model, value): (&String, &Value)| {
        let until = value.get("until").and_then(Value::as_f64).map(WallMs::new)?;
        let reason = text(value, "reason").unwrap_or_else(|| "unknown".to_owned());
        Some((model.clone(), ModelWindow { until, reason, source: text(value, "source") }))
    };
    let step = |(model, value): (&String, &Value)| Some((model.clone(), value.as_f64()?));
    Failover {
        refused: text(value, "refused"),
        paused: value.get("paused").and_then(Value::as_f64).map(WallMs::new),
        source: text(value, "source"),
        models: value
            .get("models")
            .and_then(Value::as_object)
            .map(|models| models.iter().filter_map(window).collect())
            .unwrap_or_default(),
        quota_steps: value
            .get("quotaSteps")
            .and_then(Value::as_object)
            .map(|steps| steps.iter().filter_map(step).collect())
            .unwrap_or_default(),
    }
}

/// Our own key as a JSON value.
#[must_use]
fn write_failover(failover: &Failover) -> Value {
    let mut out = Map::new();
    if let Some(source) = &failover.source {
        out.insert("source".to_owned(), source.as_str().into());
    }
    if !failover.models.is_empty() {
        let models =
            failover.models.iter().map(|(name, window)| (name.clone(), write_window(window)));
        out.insert("models".to_owned(), Value::Object(models.collect()));
    }
    if !failover.quota_steps.is_empty() {
        let step = |(name, step): &(String, f64)| (name.clone(), (step.round() as i64).into());
        out.insert(
            "quotaSteps".to_owned(),
            Value::Object(failover.quota_steps.iter().map(step).collect()),
        );
    }
    if let Some(refused) = &failover.refused {
        out.insert("refused".to_owned(), refused.as_str().into());
    }
    if let Some(since) = failover.paused {
        out.insert("paused".to_owned(), since.rounded().whole_ms().into());
    }
    Value::Object(out)
}

fn write_window(window: &ModelWindow) -> Value {
    let mut out = Map::new();
    // Whole milliseconds: hosts and people read integers.
    out.insert("until".to_owned(), window.until.rounded().whole_ms().into());
    out.insert("reason".to_owned(), window.reason.as_str().into());
    if let Some(source) = &window.source {
        out.insert("source".to_owned(), source.as_str().into());
    }
    Value::Object(out)
}
