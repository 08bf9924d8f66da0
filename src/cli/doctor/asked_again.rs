//! How often the current gateway asks one account: up to ten times, and through any wait that a server states, unless the
//! agent's settings say otherwise. Only where two accounts could take turns is that worth a word.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::finding::{Finding, Severity};
use crate::cli::gateway::side::Plugin;
use crate::cli::profiles::Pool;
use crate::cli::text::for_programs;
use crate::cli::text::line::shown;
use crate::cli::text::words::argument;
use crate::error::Result;
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::status::State;
use crate::store::openclaw::settings::Edited;

/// What `doctor` is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Look,
    Fix,
    Undo,
}

/// `set`: what the settings say; `None`: nothing.
pub(super) fn finding(
    pool: &Pool,
    plugin: &Plugin,
    set: &Result<Option<String>>,
    settings: &Path,
) -> Option<Finding> {
    match set {
        Ok(Some(_)) => return None,
        Ok(None) => {}
        Err(fault) => {
            let advice = "the gateway cannot read it either: mend it, or move it away";
            return Some(Finding::new(
                Severity::Warning,
                "settings",
                shown(&fault.to_string()),
                advice,
            ));
        }
    }
    let mut accounts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in pool.entries.iter().filter(|it| !matches!(it.status.state, State::Unusable(_))) {
        *accounts.entry(normalize_provider_id(&entry.provider)).or_default() += 1;
    }
    let is_served = |provider: &String| {
        plugin.is_at_work()
            && plugin.providers.iter().any(|it| normalize_provider_id(it) == *provider)
    };
    let meets: Vec<(String, usize)> = accounts
        .into_iter()
        .filter(|(provider, count)| *count > 1 && !is_served(provider))
        .collect();
    if meets.is_empty() {
        return None;
    }
    let each: Vec<String> = meets
        .iter()
        .map(|(provider, count)| format!("{} ({count} accounts)", shown(provider)))
        .collect();
    let names: Vec<&str> = meets.iter().map(|(provider, _)| provider.as_str()).collect();
    Some(Finding::new(
        Severity::Warning,
        "retries",
        format!(
            "a limited account of {} is asked up to ten times before the next one, and a wait of hours that its server \
             states is slept through: the plugin does not serve it, and retry.provider.maxRetries is not set",
            each.join(", ")
        ),
        format!(
            "with the plugin: auth-failover openclaw setup --providers {}; without it: auth-failover doctor --fix \
             (writes retry.provider.maxRetries 0 into {}, doctor --undo-fix takes it back)",
            argument(&names.join(",")),
            shown(&settings.to_string_lossy())
        ),
    ))
}

/// What became of the wish.
#[must_use]
pub(crate) fn said_of_settings(
    wish: Wish,
    edited: Edited,
    settings: &Path,
    is_json: bool,
) -> String {
    let is_changed = matches!(edited, Edited::Written | Edited::Removed);
    if is_json {
        let path = settings.to_string_lossy();
        return for_programs::pretty(&json!({ "settings": path, "changed": is_changed }));
    }
    let path = shown(&settings.to_string_lossy());
    let text = match (wish, edited) {
        (_, Edited::TheirOwn) => {
            format!(
                "{path} has a retry.provider.maxRetries that somebody chose; it was left as it is"
            )
        }
        (Wish::Undo, Edited::Removed) => format!("removed {path}, which had nothing else in it"),
        (Wish::Undo, Edited::Written) => {
            format!("{path}: retry.provider.maxRetries is not set any more")
        }
        (Wish::Undo, Edited::Unchanged) => format!("{path}: retry.provider.maxRetries was not set"),
        (_, Edited::Unchanged) => format!("{path}: retry.provider.maxRetries was 0 already"),
        (_, Edited::Written | Edited::Removed) => format!(
            "{path}: retry.provider.maxRetries is 0, from each session's next start on; to take it back: auth-failover \
             doctor --undo-fix"
        ),
    };
    text + "\n"
}
