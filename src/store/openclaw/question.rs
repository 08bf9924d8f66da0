//! Which rows are asked for, and how they come back.
//!
//! Protocol: the question is JSON, `{ databases: [{ path, queries: [[name, SQL], …] }] }`. Each database is opened to read,
//! asked within one transaction, and closed. The answer is JSON too: `{ node, databases }`, with `databases: null` where
//! this Node has no `node:sqlite`, else for each one `{ missing }`, `{ error }` or `{ rows: { name: [row, …] | { error } } }`.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::places::Places;

/// Of the state database.
const STATE: &[(&str, &str)] = &[
    ("version", "PRAGMA user_version"),
    ("app", "SELECT app_version FROM schema_meta WHERE meta_key = 'primary'"),
    (
        "machine",
        "SELECT state_key, value_json FROM config_machine_state \
         WHERE state_key IN ('auth.sharedStore', 'authProfiles.store', 'authProfiles.state')",
    ),
    (
        "plugin",
        "SELECT json_extract(value_json, '$.index.installRecords.\"auth-failover\"') AS record \
         FROM config_machine_state WHERE state_key = 'plugins.installedIndex'",
    ),
    // Up to 2026.7.1.
    (
        "pluginIndex",
        "SELECT json_extract(install_records_json, '$.\"auth-failover\"') AS record FROM installed_plugin_index",
    ),
];

/// Of an agent's database.
const AGENT: &[(&str, &str)] = &[
    ("version", "PRAGMA user_version"),
    ("app", "SELECT app_version FROM schema_meta WHERE meta_key = 'primary'"),
    ("store", "SELECT store_json AS json FROM auth_profile_store WHERE store_key = 'primary'"),
    ("state", "SELECT state_json AS json FROM auth_profile_state WHERE state_key = 'primary'"),
];

/// The question for everything that is known of an agent's accounts: the state database, the agent's, the main agent's.
#[must_use]
pub(crate) fn question(places: &Places) -> String {
    let ask = |path: &std::path::Path, queries: &[(&str, &str)]| json!({ "path": path.to_string_lossy(), "queries": queries });
    let mut databases =
        vec![ask(&places.state_database, STATE), ask(&places.agent_database, AGENT)];
    databases.extend(places.main_database.as_deref().map(|main| ask(main, AGENT)));
    json!({ "databases": databases }).to_string()
}

/// What came back.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    /// The version of the Node that was to read.
    pub node: String,
    /// `None`: it has no `node:sqlite`.
    pub databases: Option<Vec<Rows>>,
}

/// One database's rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rows {
    pub missing: bool,
    pub error: Option<String>,
    #[serde(rename = "rows")]
    found: HashMap<String, Outcome>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Outcome {
    Rows(Vec<Map<String, Value>>),
    Failed { error: String },
}

impl Answer {
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl Rows {
    /// Of a database that is not there.
    #[must_use]
    pub(crate) fn missing() -> Self {
        Self { missing: true, ..Self::default() }
    }

    /// The rows of a query. A table that is not there has none; the `Err` is SQLite's word on anything else.
    pub(crate) fn of(&self, name: &str) -> Result<&[Map<String, Value>], &str> {
        match self.found.get(name) {
            None => Ok(&[]),
            Some(Outcome::Rows(rows)) => Ok(rows),
            Some(Outcome::Failed { error }) if error.contains("no such table") => Ok(&[]),
            Some(Outcome::Failed { error }) => Err(error),
        }
    }

    /// One text of a query that gives at most one row.
    pub(crate) fn text(&self, name: &str, column: &str) -> Result<Option<&str>, &str> {
        Ok(self.of(name)?.first().and_then(|row| row.get(column)).and_then(Value::as_str))
    }
}
