//! The same for programs. Names, units and meanings are those of `describeAuthProfiles`.

use serde_json::{Value, json};

use super::line::shown_json;
use crate::cli::profiles::Pool;
use crate::profiles::status::{Status, Window};
use crate::rotation::pool_document::UnwellEndpoint;
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
    let profiles: Vec<Value> = (0..pool.entries.len()).map(|index| profile(pool, index)).collect();
    let (next, at) = pool.soonest().unzip();
    let mut value = json!({
        "profiles": profiles,
        "nextProfileId": next.map(|entry| entry.id.clone()),
        "nextFreeAt": moment(at),
        "endpoints": pool.endpoints.iter().map(|it| endpoint(it, pool.now)).collect::<Vec<_>>(),
    });
    if let Some(side) = &pool.gateway {
        value["gateway"] = side.about.json();
    }
    value
}

/// One of its `endpoints`.
fn endpoint(unwell: &UnwellEndpoint, now: WallMs) -> Value {
    json!({
        "provider": unwell.endpoint.provider,
        "model": unwell.endpoint.model,
        "hasBaseUrl": unwell.endpoint.base_url.is_some(),
        "state": unwell.state.name(),
        "until": moment(unwell.until()),
        "remainingMs": number(Some(unwell.until().map_or(0.0, |until| until - now))),
        "failures": unwell.failures,
    })
}

/// One of its `profiles`, by its place among all entries. Of one that the plugin serves, the gateway's own judgement too.
#[must_use]
pub(crate) fn profile(pool: &Pool, index: usize) -> Value {
    let (entry, now) = (&pool.entries[index], pool.now);
    let mut value = judged(entry, pool.positions[index], now);
    if pool.gateway.is_some() {
        let status = pool.gateway_status(&entry.id);
        value["books"] = if status.is_some() { "plugin" } else { "gateway" }.into();
        value["gateway"] = status.map_or(Value::Null, |status| standing(status, now));
    }
    value
}

/// Where it stands, and until when and why.
fn standing(status: &Status, now: WallMs) -> Value {
    json!({
        "state": status.state.name(),
        "until": moment(status.until),
        "remainingMs": number(Some(status.until.map_or(0.0, |until| until - now))),
        "reason": status.reason,
        "source": status.source,
    })
}

fn judged(entry: &Entry, position: u32, now: WallMs) -> Value {
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
        "pausedAt": moment(entry.stats.failover.paused),
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
