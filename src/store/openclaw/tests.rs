//! Rows as the real databases give them, and what they mean.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::places::Places;
use super::question::{self, Answer};
use super::schema::Fault;
use super::seen_by_agent::{Gateway, SharedStore};
use super::sides::Sides;
use crate::profiles::status::{State, Status};
use crate::store::document::text::Document;
use crate::store::edits::candidates;
use crate::store::file::paths::{Environment, StorePaths};
use crate::time::WallMs;

const NOW: WallMs = WallMs::new(1_790_000_000_000.0);

fn places(agent_dir: &str) -> Places {
    let environment =
        Environment { home: "/home/u".into(), current_dir: "/".into(), ..Environment::default() };
    let paths = StorePaths::resolve(Some(agent_dir), &environment);
    Places::of(&paths, &environment)
}

fn main_agent() -> Places {
    places("/home/u/.openclaw/agents/main/agent")
}

/// An answer with these databases: state, agent, main agent.
fn answer(databases: &[Value]) -> Answer {
    Answer::parse(&json!({ "node": "v24.0.0", "databases": databases }).to_string()).unwrap()
}

fn missing() -> Value {
    json!({ "missing": true })
}

fn rows(version: i64, rows: &Value) -> Value {
    let mut value = json!({ "rows": { "version": [{ "user_version": version }] } });
    for (name, found) in rows.as_object().unwrap() {
        value["rows"][name] = found.clone();
    }
    value
}

fn state(keys: &[(&str, Value)]) -> Value {
    let machine: Vec<Value> = keys
        .iter()
        .map(|(key, value)| json!({ "state_key": key, "value_json": value.to_string() }))
        .collect();
    rows(18, &json!({ "machine": machine, "app": [{ "app_version": "2026.9.6" }] }))
}

fn agent(store: &Value, usage: &Value) -> Value {
    rows(
        23,
        &json!({ "store": [{ "json": store.to_string() }], "state": [{ "json": usage.to_string() }] }),
    )
}

fn keys(ids: &[&str]) -> Value {
    let key = |id: &&str| {
        (
            (*id).to_owned(),
            json!({ "type": "api_key", "provider": "mock", "key": format!("sk-{id}") }),
        )
    };
    json!({ "version": 1, "profiles": Value::Object(ids.iter().map(key).collect()) })
}

fn fresh(ids: &[&str], usage: &Value) -> Value {
    state(&[
        ("auth.sharedStore", json!({ "location": "state-db" })),
        ("authProfiles.store", keys(ids)),
        ("authProfiles.state", json!({ "version": 1, "usageStats": usage })),
    ])
}

fn statuses(gateway: &Gateway) -> Vec<(String, Status)> {
    let entries = candidates::describe(&gateway.documents, None, None, NOW);
    entries.into_iter().map(|entry| (entry.id, entry.status)).collect()
}

fn status(usage: &Value) -> Status {
    let answer = answer(&[fresh(&["a"], &json!({ "a": usage })), missing()]);
    let gateway = Gateway::read(&main_agent(), &answer).unwrap();
    statuses(&gateway).remove(0).1
}

#[test]
fn a_fresh_installation_has_its_accounts_in_the_state_database() {
    let gateway =
        Gateway::read(&main_agent(), &answer(&[fresh(&["a", "b"], &json!({})), missing()]))
            .unwrap();
    assert_eq!((gateway.shared, gateway.has_agent_database), (SharedStore::State, false));
    assert_eq!(statuses(&gateway).len(), 2);
    assert_eq!(gateway.version.as_deref(), Some("2026.9.6"));
}

#[test]
fn an_updated_installation_has_them_in_the_main_agent_s_database() {
    let own = agent(&keys(&["a"]), &json!({}));
    let gateway = Gateway::read(&main_agent(), &answer(&[state(&[]), own])).unwrap();
    assert_eq!(gateway.shared, SharedStore::MainAgent);
    assert_eq!(statuses(&gateway).len(), 1);
}

#[test]
fn a_sub_agent_sees_what_is_shared_under_its_own() {
    let sub = places("/home/u/.openclaw/agents/sub/agent");
    let databases = [
        state(&[]),
        agent(&keys(&["own"]), &json!({})),
        agent(&keys(&["own", "shared"]), &json!({})),
    ];
    let gateway = Gateway::read(&sub, &answer(&databases)).unwrap();
    assert_eq!(statuses(&gateway).len(), 2);
    assert!(gateway.documents.is_inherited("shared") && !gateway.documents.is_inherited("own"));
}

#[test]
fn windows_are_those_of_the_older_gateways() {
    let until = NOW.as_ms() + 30_000.0;
    let cooling =
        status(&json!({ "cooldownUntil": until, "cooldownReason": "rate_limit", "errorCount": 1 }));
    assert_eq!((cooling.state, cooling.until), (State::Cooling, Some(WallMs::new(until))));
    let disabled = status(&json!({ "disabledUntil": until, "disabledReason": "billing" }));
    assert_eq!((disabled.state, disabled.reason.as_deref()), (State::Disabled, Some("billing")));
}

#[test]
fn a_blocked_account_rests_until_the_time_that_the_server_stated() {
    let (short, long) = (NOW.as_ms() + 30_000.0, NOW.as_ms() + 7_200_000.0);
    let blocked = status(&json!({
        "cooldownUntil": short, "cooldownModel": "m",
        "blockedUntil": long, "blockedReason": "subscription_limit", "blockedSource": "wham",
    }));
    assert_eq!((blocked.until, blocked.source.as_deref()), (Some(WallMs::new(long)), Some("wham")));
    assert_eq!(blocked.windows[0].model, None);
}

#[test]
fn a_blocked_model_leaves_the_others_free() {
    let until = NOW.as_ms() + 7_200_000.0;
    let blocked =
        status(&json!({ "blockedUntil": until, "blockedScope": "model", "blockedModel": "m" }));
    assert_eq!(blocked.windows[0].model.as_deref(), Some("m"));
}

#[test]
fn an_unknown_schema_is_refused_by_its_name() {
    for (databases, name) in [
        ([rows(19, &json!({})), missing()], "openclaw.sqlite has schema 19"),
        ([fresh(&["a"], &json!({})), rows(24, &json!({}))], "openclaw-agent.sqlite has schema 24"),
    ] {
        let fault = Gateway::read(&main_agent(), &answer(&databases)).unwrap_err();
        assert_eq!(fault.code(), "unknown-schema");
        assert!(fault.to_string().contains(name), "{fault}");
    }
}

#[test]
fn an_unknown_place_of_the_shared_store_is_refused() {
    let databases = [state(&[("auth.sharedStore", json!({ "location": "moon" }))]), missing()];
    let fault = Gateway::read(&main_agent(), &answer(&databases)).unwrap_err();
    assert!(fault.to_string().contains("auth.sharedStore"), "{fault}");
}

#[test]
fn what_is_no_store_is_refused_and_not_quoted() {
    let mut broken = fresh(&["a"], &json!({}));
    broken["rows"]["machine"][1]["value_json"] = "{\"profiles\":{\"s3cret\"".into();
    let fault = Gateway::read(&main_agent(), &answer(&[broken, missing()])).unwrap_err();
    assert_eq!(fault.code(), "unreadable-database");
    assert!(!fault.to_string().contains("s3cret"), "{fault}");
}

#[test]
fn a_node_without_sqlite_is_told_what_it_lacks() {
    let answer = Answer::parse(r#"{"node":"v20.20.2","databases":null}"#).unwrap();
    let fault = Gateway::read(&main_agent(), &answer).unwrap_err();
    assert!(matches!(fault, Fault::NoSqlite { .. }));
    assert!(fault.to_string().contains("since 22.13, and this is Node 20.20.2"), "{fault}");
}

#[test]
fn a_missing_table_is_an_empty_one_and_any_other_fault_is_one() {
    let mut of_july =
        rows(1, &json!({ "machine": { "error": "no such table: config_machine_state" } }));
    let own = rows(1, &json!({ "store": [{ "json": keys(&["a"]).to_string() }] }));
    let gateway = Gateway::read(&main_agent(), &answer(&[of_july.clone(), own.clone()])).unwrap();
    assert!(!gateway.is_current && statuses(&gateway).len() == 1);
    of_july["rows"]["machine"]["error"] = "database is locked".into();
    let fault = Gateway::read(&main_agent(), &answer(&[of_july, own])).unwrap_err();
    assert!(fault.to_string().contains("database is locked"), "{fault}");
}

#[test]
fn the_plugin_s_record_tells_its_version() {
    let mut state = fresh(&["a"], &json!({}));
    state["rows"]["plugin"] = json!([{ "record": r#"{"source":"path","version":"0.1.0"}"# }]);
    let gateway = Gateway::read(&main_agent(), &answer(&[state, missing()])).unwrap();
    assert_eq!(gateway.installed.unwrap().version.as_deref(), Some("0.1.0"));
}

#[test]
fn only_the_databases_that_an_agent_sees_are_asked_for() {
    let paths = |places: &Places| -> Vec<PathBuf> {
        let asked: Value = serde_json::from_str(&question::question(places)).unwrap();
        asked["databases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["path"].as_str().unwrap().into())
            .collect()
    };
    assert_eq!(paths(&main_agent()), [main_agent().state_database, main_agent().agent_database]);
    let sub = places("/home/u/.openclaw/agents/sub/agent");
    assert_eq!(paths(&sub)[2], main_agent().agent_database);
}

#[test]
fn whom_the_plugin_serves_is_judged_by_its_books() {
    let hour = NOW.as_ms() + 3_600_000.0;
    let usage =
        json!({ "a": { "cooldownUntil": NOW.as_ms() + 30_000.0 }, "b": { "cooldownUntil": hour } });
    let gateway =
        Gateway::read(&main_agent(), &answer(&[fresh(&["a", "b", "c"], &usage), missing()]))
            .unwrap();
    let ours = json!({
        "profiles": { "a": { "type": "api_key", "provider": "mock", "keyRef": {} }, "c": { "type": "api_key", "provider": "mock", "keyRef": {} },
                      "gone": { "type": "api_key", "provider": "mock", "keyRef": {} } },
        "usageStats": { "c": { "cooldownUntil": hour, "cooldownReason": "auth", "failover": { "refused": "00000000" } } },
    });
    let ours = Document::parse(ours.to_string().as_bytes()).unwrap();
    let sides = Sides::of(&gateway.documents, &[], Some(&ours)).unwrap();
    let judged: Vec<(String, State)> = candidates::describe(&sides.judged, None, None, NOW)
        .into_iter()
        .map(|entry| (entry.id, entry.status.state))
        .collect();
    // `a` is free for the plugin, `b` only the gateway's, `c` rests for the plugin although its store has no secret.
    let expected = [("a", State::Ready), ("b", State::Cooling), ("c", State::Cooling)];
    assert_eq!(judged, expected.map(|(id, state)| (id.to_owned(), state)));
    assert_eq!(sides.served.len(), 2);
}

#[test]
fn an_order_of_the_configuration_counts_where_the_store_has_none() {
    let gateway =
        Gateway::read(&main_agent(), &answer(&[fresh(&["a", "b"], &json!({})), missing()]))
            .unwrap();
    let orders = [("mock".to_owned(), vec!["b".to_owned(), "a".to_owned()])];
    let sides = Sides::of(&gateway.documents, &orders, None).unwrap();
    let first = candidates::describe(&sides.judged, None, None, NOW).remove(0);
    assert_eq!(first.id, "b");
}
