//! From rows to accounts: which store an agent sees, and what the rows say of each account.

use std::path::Path;

use serde_json::Value;

use super::blocked;
use super::places::Places;
use super::question::{Answer, Rows};
use super::schema::{self, Fault};
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;

const EMPTY: &str = "{\"version\":1,\"profiles\":{}}";

/// Where the accounts lie that all agents share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SharedStore {
    /// In the main agent's database: installations that were updated, until `openclaw doctor --fix` moves them.
    MainAgent,
    /// In the state database: fresh installations.
    State,
}

/// The plugin as the gateway's own record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installed {
    pub version: Option<String>,
}

/// Everything that a gateway's databases tell of an agent's accounts.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    pub shared: SharedStore,
    /// The agent's own, and under it what all agents share.
    pub documents: Documents,
    pub installed: Option<Installed>,
    /// The gateway that wrote last, as far as it says so.
    pub version: Option<String>,
    /// The agent's schema; without a database of its own, the one that its gateway would make.
    pub is_current: bool,
    pub has_agent_database: bool,
}

impl Gateway {
    pub(crate) fn read(places: &Places, answer: &Answer) -> Result<Self, Fault> {
        let Some(databases) = &answer.databases else {
            let database = if places.agent_database.exists() {
                &places.agent_database
            } else {
                &places.state_database
            };
            return Err(Fault::NoSqlite { node: answer.node.clone(), database: database.clone() });
        };
        let nothing = Rows::missing();
        let of = |index: usize| databases.get(index).unwrap_or(&nothing);
        let (state, agent, main) = (of(0), of(1), of(2));
        let state_version = schema::check(state, &places.state_database, schema::STATE)?;
        let agent_version = schema::check(agent, &places.agent_database, schema::AGENT)?;
        let shared = shared_store(state, &places.state_database)?;
        let inherited = match (shared, &places.main_database) {
            (SharedStore::State, _) => machine_document(state, &places.state_database)?,
            (SharedStore::MainAgent, None) => None,
            (SharedStore::MainAgent, Some(path)) => {
                schema::check(main, path, schema::AGENT)?;
                agent_document(main, path)?
            }
        };
        let own = agent_document(agent, &places.agent_database)?;
        let own = own.map_or_else(|| parse(EMPTY, None, &places.agent_database), Ok)?;
        let app = |rows: &Rows| rows.text("app", "app_version").ok().flatten().map(str::to_owned);
        Ok(Self {
            shared,
            documents: Documents { own, main: inherited },
            installed: installed(state),
            version: app(agent).or_else(|| app(state)),
            // Schema 1 is that of gateways that ask each account once.
            is_current: agent_version.or(state_version) != Some(1),
            has_agent_database: agent_version.is_some(),
        })
    }
}

fn shared_store(state: &Rows, database: &Path) -> Result<SharedStore, Fault> {
    let Some(text) = machine(state, "auth.sharedStore", database)? else {
        return Ok(SharedStore::MainAgent);
    };
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    match value.get("location").and_then(Value::as_str) {
        Some("state-db") => Ok(SharedStore::State),
        Some("legacy-main") => Ok(SharedStore::MainAgent),
        _ => Err(Fault::Unreadable {
            database: database.to_path_buf(),
            problem: "auth.sharedStore names a place that is not known".to_owned(),
        }),
    }
}

fn machine<'a>(state: &'a Rows, key: &str, database: &Path) -> Result<Option<&'a str>, Fault> {
    let rows = state.of("machine").map_err(|problem| unreadable(database, problem))?;
    let row = rows.iter().find(|row| row.get("state_key").and_then(Value::as_str) == Some(key));
    Ok(row.and_then(|row| row.get("value_json")).and_then(Value::as_str))
}

fn machine_document(state: &Rows, database: &Path) -> Result<Option<Document>, Fault> {
    let usage = machine(state, "authProfiles.state", database)?;
    let store = machine(state, "authProfiles.store", database)?;
    store.map(|store| parse(store, usage, database)).transpose()
}

fn agent_document(rows: &Rows, database: &Path) -> Result<Option<Document>, Fault> {
    let text = |name| rows.text(name, "json").map_err(|problem| unreadable(database, problem));
    let (store, usage) = (text("store")?, text("state")?);
    // A sub-agent may keep usage of what it only shares.
    let store = store.or_else(|| usage.map(|_| EMPTY));
    store.map(|store| parse(store, usage, database)).transpose()
}

fn parse(store: &str, usage: Option<&str>, database: &Path) -> Result<Document, Fault> {
    let fault = |problem: String| unreadable(database, &problem);
    let mut document = Document::parse(store.as_bytes()).map_err(fault)?;
    if let Some(usage) = usage {
        let usage = blocked::translated(usage);
        document.attach_state(Document::parse_state(usage.as_bytes()).map_err(fault)?);
    }
    Ok(document)
}

fn unreadable(database: &Path, problem: &str) -> Fault {
    Fault::Unreadable { database: database.to_path_buf(), problem: problem.to_owned() }
}

fn installed(state: &Rows) -> Option<Installed> {
    let record = ["plugin", "pluginIndex"]
        .into_iter()
        .find_map(|name| state.text(name, "record").ok().flatten())?;
    let record: Value = serde_json::from_str(record).ok()?;
    let version = record.get("version").and_then(Value::as_str).map(str::to_owned);
    Some(Installed { version })
}
