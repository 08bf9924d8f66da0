use super::*;
use crate::cli::test_stores::{HOUR, NOW, look, pool, store, text};

fn why(stats: &str, model: Option<&str>) -> String {
    let rest = format!(r#","usageStats":{{"a":{stats}}}"#);
    of("a", &store(&["a", "b"], &rest), model)
}

fn of(id: &str, store: &str, model: Option<&str>) -> String {
    let pool = pool(store, model);
    let index = pool.entries.iter().position(|entry| entry.id == id).unwrap();
    // As one line, so that the place of a line break does not matter.
    text(&explain(&pool, index, &look(100))).replace('\n', " ")
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

fn cooling(reason: &str, more: &str) -> String {
    format!(r#"{{"cooldownUntil":{},"cooldownReason":"{reason}"{more}}}"#, (NOW + HOUR).whole_ms())
}

#[test]
fn a_resting_profile_says_until_when_why_by_whom_and_who_answers_meanwhile() {
    let text = why(&cooling("rate_limit", r#","failover":{"source":"retry-info"}"#), None);
    says(
        &text,
        &[
            "a  cooling",
            "It rests for another 1 h, until 2026-02-02 03:40:00 UTC, because of: rate limit.",
            "The server stated that time (retry-info).",
            "b is asked",
            "Wait: time alone frees it, in 1 h.",
            "`auth-failover clear a`",
        ],
    );
    says(&why(&cooling("rate_limit", ""), None), &["Nobody stated that time: it is a back-off"]);
}

#[test]
fn what_time_alone_does_not_mend_says_what_does() {
    for (reason, remedy) in [
        ("billing", "Add credit"),
        ("auth", "Sign in again"),
        ("auth_permanent", "in a browser"),
        ("model_not_found", "Ask for a model"),
        ("format", "Look at the request"),
        ("unknown", "gateway's log"),
    ] {
        says(&why(&cooling(reason, ""), None), &[remedy, "Then `auth-failover clear a`"]);
    }
}

#[test]
fn a_model_s_window_names_the_model_and_frees_the_others() {
    let stats = cooling("rate_limit", r#","cooldownModel":"m1""#);
    says(&why(&stats, None), &["It rests for m1 for another 1 h"]);
    says(&why(&stats, Some("m1")), &["It rests for m1 for another 1 h"]);
    says(
        &why(&stats, Some("m2")),
        &["It can be asked for m2 now.", "m1: 1 h left", "Other models rest"],
    );
}

#[test]
fn a_ready_profile_says_who_comes_before_it_and_why() {
    says(&why("{}", None), &["It can be asked now. It is the first that is asked.", "it is fine"]);
    says(
        &why(r#"{"lastUsed":5}"#, None),
        &["Before it comes b: who was used longest ago goes first."],
    );
    let ordered = store(&["a", "b"], r#","order":{"gem":["b","a"]}"#);
    says(&of("a", &ordered, None), &["Before it comes b: the order set for the provider"]);
    let kinds = r#"{"profiles":{"key":{"type":"api_key","provider":"p","key":"k"},
        "login":{"type":"oauth","provider":"p","access":"k"}}}"#;
    says(&of("key", kinds, None), &["Before it comes login: logins go before tokens"]);
}

#[test]
fn an_unusable_profile_says_what_is_wrong_and_that_time_will_not_help() {
    let store = r#"{"profiles":{"empty":{"type":"oauth","provider":"p"},
        "old":{"type":"token","provider":"p","token":"s3cr3t","expires":5},
        "left":{"type":"api_key","provider":"q","key":"s3cr3t"},
        "in":{"type":"api_key","provider":"q","key":"s3cr3t"}},"order":{"q":["in"]}}"#;
    for (id, problem, remedy) in [
        ("empty", "it holds no credential", "Sign in again"),
        ("old", "its token has expired", "Create a new token"),
        ("left", "leaves it out", "Add it to its provider's order"),
    ] {
        says(&of(id, store, None), &["It is never asked", problem, "Time will not help.", remedy]);
    }
}

#[test]
fn an_end_that_cannot_be_true_is_told() {
    says(&why(r#"{"cooldownUntil":9770000000000}"#, None), &["a  ready", "is not believed"]);
}

#[test]
fn nothing_is_wider_than_the_screen() {
    let pool = pool(&store(&["a", "b"], ""), None);
    for columns in 16..60 {
        for line in explain(&pool, 0, &look(columns)) {
            assert!(line.width() <= columns, "{columns}: {line:?}");
        }
    }
}

#[test]
fn programs_get_the_same_sentences() {
    let pool = pool(&store(&["a"], ""), None);
    let value = json(&pool, 0);
    assert_eq!(value["profileId"], "a");
    assert_eq!(value["explanation"], "It can be asked now. It is the only one of its provider.");
    assert_eq!(value["advice"][0], "Nothing: it is fine.");
}
