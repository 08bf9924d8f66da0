//! The current gateway: which databases hold the accounts, whether they can be read, how the plugin stands, what the
//! accounts themselves are like, and the plugin's own store. Nothing is ever advised that moves a database: the agent's
//! holds its sessions.

use std::path::Path;

use super::finding::{Finding, Report, Severity, Tally};
use super::{asked_again, disk, inspection, logins, times};
use crate::cli::gateway::side::{About, Plugin};
use crate::cli::profiles::{Pool, View};
use crate::cli::text::line::shown;
use crate::cli::text::words::argument;
use crate::store::edits::marks::Documents;
use crate::store::file::files::Disk;
use crate::store::openclaw::config::Config;
use crate::store::openclaw::places::Places;
use crate::store::openclaw::question::Answer;
use crate::store::openclaw::schema::Fault;
use crate::store::openclaw::seen_by_agent::{Gateway, SharedStore};
use crate::store::openclaw::settings;
use crate::store::openclaw::sides::Sides;
use crate::time::WallMs;

/// Files of older gateways; this one does not start a turn until its own doctor has taken them in.
const LEGACY: [&str; 3] = ["auth-profiles.json", "auth-state.json", "auth.json"];

/// Examines the accounts of an agent of the current gateway. Blocks the calling thread.
#[must_use]
pub(crate) fn examine_gateway(places: &Places, answer: &Answer, now: WallMs) -> Report {
    let mut findings = legacy(places);
    findings.extend(permissions(places));
    findings.extend(ours(places, now));
    let mut report = match Gateway::read(places, answer) {
        Err(fault) => {
            findings.push(unread(&fault));
            Report { store: places.agent_database.clone(), profiles: None, about: None, findings }
        }
        Ok(gateway) => read(places, &gateway, findings, now),
    };
    report.findings.sort_by_key(|finding| finding.severity);
    report
}

fn read(places: &Places, gateway: &Gateway, mut findings: Vec<Finding>, now: WallMs) -> Report {
    let config = Config::load(&places.config);
    findings.extend(config.fault.as_deref().map(|fault| unread_config(&places.config, fault)));
    let about = About::of(gateway, places, &config);
    findings.extend(plugin(&about.plugin, &config));
    let documents = crate::cli::source::ours(places)
        .ok()
        .and_then(|ours| Sides::of(&gateway.documents, &config.orders, ours.as_ref()).ok())
        .map_or_else(|| gateway.documents.clone(), |sides| sides.judged);
    let pool = Pool::of(&documents, &View::default(), now);
    findings.extend(accounts(&documents, &pool));
    if gateway.is_current {
        let set = settings::max_retries(&places.settings);
        findings.extend(asked_again::finding(&pool, &about.plugin, &set, &places.settings));
    }
    let store = match gateway.shared {
        SharedStore::State if gateway.documents.own.profiles().next().is_none() => {
            &places.state_database
        }
        SharedStore::MainAgent | SharedStore::State => &places.agent_database,
    };
    let profiles = Some(Tally { all: pool.entries.len(), ready: pool.ready() });
    Report { store: store.clone(), profiles, about: Some(about), findings }
}

fn unread(fault: &Fault) -> Finding {
    let advice = match fault {
        Fault::NoSqlite { .. } => "the gateway's own Node can: run doctor with it",
        Fault::Schema { .. } => "update auth-failover; the gateway itself is not concerned",
        Fault::Unreadable { .. } => {
            "see what the gateway says of it: openclaw doctor; leave the file where it is, it holds more than accounts"
        }
    };
    Finding::new(Severity::Problem, fault.code(), shown(&fault.to_string()), advice)
}

fn unread_config(config: &Path, fault: &str) -> Finding {
    let what = format!(
        "{} cannot be read ({fault}): how the plugin stands is not known",
        shown(&config.to_string_lossy())
    );
    Finding::new(
        Severity::Warning,
        "config",
        what,
        "see what the gateway says of it: openclaw doctor",
    )
}

fn legacy(places: &Places) -> Vec<Finding> {
    let found: Vec<String> = LEGACY
        .into_iter()
        .map(|name| places.agent_dir.join(name))
        .filter(|file| file.exists())
        .map(|file| shown(&file.to_string_lossy()))
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    let what = format!(
        "{} is of an older gateway, and this one waits for its own doctor to take it in",
        found.join(", ")
    );
    vec![Finding::new(Severity::Warning, "older-store", what, "openclaw doctor --fix")]
}

#[cfg(unix)]
fn permissions(places: &Places) -> Vec<Finding> {
    use std::os::unix::fs::MetadataExt;
    let open = |database: &std::path::PathBuf| {
        let mode = std::fs::metadata(database).ok()?.mode() & 0o7777;
        let path = database.to_string_lossy();
        (mode & 0o077 != 0).then(|| {
            let what = format!("other users may open {} (mode {mode:04o})", shown(&path));
            Finding::new(
                Severity::Problem,
                "store-permissions",
                what,
                format!("chmod 600 {}", argument(&path)),
            )
        })
    };
    [&places.agent_database, &places.state_database].into_iter().filter_map(open).collect()
}

#[cfg(not(unix))]
fn permissions(_places: &Places) -> Vec<Finding> {
    Vec::new()
}

/// The plugin's own store, as any other store.
fn ours(places: &Places, now: WallMs) -> Vec<Finding> {
    if !places.ours.store.exists() {
        return Vec::new();
    }
    disk::findings(&inspection::look(&Disk, &places.ours, now))
}

fn plugin(plugin: &Plugin, config: &Config) -> Option<Finding> {
    if config.fault.is_some() || !plugin.is_installed {
        return None;
    }
    let (code, what, advice) = if !plugin.is_enabled {
        (
            "plugin-disabled",
            "the plugin is installed, and not enabled",
            "openclaw plugins enable auth-failover",
        )
    } else if plugin.providers.is_empty() {
        (
            "plugin-without-providers",
            "the plugin is installed, and serves no provider",
            "auth-failover openclaw setup --providers <names>",
        )
    } else {
        return None;
    };
    Some(Finding::new(Severity::Warning, code, what, advice))
}

/// As for any store, but what is to be done is done with the gateway.
fn accounts(documents: &Documents, pool: &Pool) -> Vec<Finding> {
    let found = logins::findings(documents, pool).into_iter().chain(times::findings(pool));
    found.map(with_gateways_advice).collect()
}

fn with_gateways_advice(mut finding: Finding) -> Finding {
    let id = finding.profiles.last().map(|id| argument(id)).unwrap_or_default();
    let advice = match finding.code {
        "empty" => {
            "sign in: openclaw models auth login, or openclaw models auth paste-api-key".to_owned()
        }
        "duplicate-credential" => format!("keep one of them: openclaw models auth logout {id}"),
        "unknown-in-order" | "foreign-in-order" => "openclaw models auth order set".to_owned(),
        "unusable-credential" if finding.severity == Severity::Problem => {
            format!("sign in again, or: openclaw models auth logout {id}")
        }
        "not-loaded" => "the gateway skips them: sign in again".to_owned(),
        "credential-elsewhere" => "the gateway looks it up".to_owned(),
        _ => return finding,
    };
    finding.advice = advice;
    finding
}
