//! The same for programs. Names, units and meanings are those of `describeAuthProfiles`.

use serde_json::{Value, json};

use super::line::shown_json;
use crate::cli::profiles::Pool;
use crate::profiles::status::Window;
use crate::store::edits::candidates::Entry;
use crate::time::WallMs;

/// A value as text for the output.
#[must_use]
pub(crate) fn pretty(value: &Value) -> String {
    shown_json(&format!("{value:#}\n"))
}

/// A value on one line.
#[must_use]
pub(crate) fn compact(value: &Value) -> String {
    shown_json(&format!("{value}\n"))
}

/// What `describeAuthProfiles` answers.
#[must_use]
pub(crate) fn description(pool: &Pool) -> Value {
    let profiles = pool.entries.iter().zip(&pool.positions);
    let profiles: Vec<Value> =
        profiles.map(|(entry, position)| profile(entry, *position, pool.now)).collect();
    let (next, at) = pool.soonest().unzip();
    json!({
        "profiles": profiles,
        "nextProfileId": next.map(|entry| entry.id.clone()),
        "nextFreeAt": moment(at),
    })
}

/// One of its `profiles`.
#[must_use]
pub(crate) fn profile(entry: &Entry, position: u32, now: WallMs) -> Value {
    let status = &entry.status;
    let windows: Vec<Value> = status.windows.iter().map(|it| window(it, now)).collect();
    let counts = entry.stats.failure_counts.iter();
    let counts = counts.map(|(reason, count)| (reason.clone(), number(Some(*count)))).collect();
    json!({
        "profileId": entry.id,
        "provider": entry.provider,
        "type": entry.kind,
        "position": position,
        "state": status.state.name(),
        "until": moment(status.until),
        "remainingMs": number(Some(status.until.map_or(0.0, |until| until - now))),
        "reason": status.reason,
        "source": status.source,
        "windows": windows,
        "problem": entry.unusable.map(crate::profiles::credential::Unusable::name),
        "errorCount": number(Some(entry.stats.error_count.unwrap_or(0.0))),
        "failureCounts": Value::Object(counts),
        "lastUsed": moment(entry.stats.last_used),
        "lastFailureAt": moment(entry.stats.last_failure_at),
        "lastGood": entry.is_last_good,
        "inherited": entry.is_inherited,
        "impossibleEnd": status.has_impossible_end,
    })
}

fn window(window: &Window, now: WallMs) -> Value {
    json!({
        "model": window.model,
        "until": moment(Some(window.until)),
        "remainingMs": number(Some(window.until - now)),
        "reason": window.reason,
        "source": window.source,
    })
}

/// As `Date.now()` milliseconds.
#[must_use]
pub(crate) fn moment(at: Option<WallMs>) -> Value {
    number(at.map(WallMs::as_ms))
}

/// Whole numbers without a fraction, as JavaScript writes them; what is no number is null.
#[must_use]
fn number(value: Option<f64>) -> Value {
    match value {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 9e15 => (whole as i64).into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_javascript_does() {
        for (value, text) in [
            (Some(1_770_000_000_000.0), "1770000000000"),
            (Some(0.5), "0.5"),
            (Some(f64::INFINITY), "null"),
            (None, "null"),
        ] {
            assert_eq!(number(value).to_string(), text);
        }
    }
}
