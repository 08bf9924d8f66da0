use super::*;
use crate::profiles::cooldown::is_in_cooldown;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

fn documents(own: &str, main: Option<&str>) -> Documents {
    let parse = |text: &str| Document::parse(text.as_bytes()).unwrap();
    Documents { own: parse(own), main: main.map(parse) }
}

fn mark(profile_id: &str, event: Event) -> Mark {
    Mark { profile_id: profile_id.into(), event, now: NOW }
}

fn failure(reason: &str) -> Event {
    let report = Report { reason: Some(reason.into()), ..Report::default() };
    Event::Failure(Box::new(FailureEvent { report, ..FailureEvent::default() }))
}

const TWO: &str = r#"{
  "version": 1,
  "profiles": {
    "a": { "type": "oauth", "provider": "p", "access": "x" },
    "b": { "type": "api_key", "provider": "p", "key": "y" }
  },
  "usageStats": {
    "b": { "lastUsed": 5, "blockedUntil": 7, "errorCount": 2, "failureCounts": { "odd": "x" } }
  }
}
"#;

#[test]
fn a_failure_edits_one_entry_in_the_host_s_layout() {
    let mut store = documents(TWO, None);
    mark("a", failure("rate_limit")).apply(&mut store).unwrap();
    let entry = r#"    "b": { "lastUsed": 5, "blockedUntil": 7, "errorCount": 2, "failureCounts": { "odd": "x" } },
    "a": {
      "errorCount": 1,
      "failureCounts": {
        "rate_limit": 1
      },
      "lastFailureAt": 1770000000000,
      "cooldownUntil": 1770000060000
    }
"#;
    let (head, tail) = TWO.split_once("    \"b\": { \"lastUsed\"").unwrap();
    let after = tail.split_once('\n').unwrap().1;
    assert_eq!(store.own.render(), format!("{head}{entry}{after}"));
}

#[test]
fn fields_of_others_survive_in_the_edited_entry_too() {
    let mut store = documents(TWO, None);
    mark("b", failure("auth")).apply(&mut store).unwrap();
    let entry = store.own.entry("usageStats", "b").unwrap();
    assert!(entry.contains(r#""blockedUntil": 7, "errorCount": 3"#), "{entry}");
    assert!(entry.contains(r#""odd": "x""#), "{entry}");
}

#[test]
fn an_unknown_profile_is_never_created() {
    let mut store = documents(TWO, None);
    for event in
        [Event::Used(Success::default()), failure("auth"), Event::Good { provider: "p".into() }]
    {
        assert_eq!(mark("c", event).apply(&mut store), Err(Declined::UnknownProfile));
    }
    assert_eq!(mark("c", Event::Clear).apply(&mut store), Err(Declined::NothingToClear));
    assert!(!store.own.is_changed());
}

#[test]
fn who_was_asked_keeps_windows_and_counters_and_is_not_the_last_that_was_good() {
    let mut store = documents(TWO, None);
    mark("b", failure("auth")).apply(&mut store).unwrap();
    let before = store.usage_stats("b").unwrap();
    let asked = mark("b", Event::Asked);
    asked.apply(&mut store).unwrap();
    let after = store.usage_stats("b").unwrap();
    assert_eq!(after, UsageStats { last_used: Some(asked.now), ..before });
    assert_eq!(store.own.entry("lastGood", "p"), None);
}

#[test]
fn good_needs_the_exact_provider() {
    let mut store = documents(TWO, None);
    let good = |provider: &str| mark("a", Event::Good { provider: provider.into() });
    assert_eq!(good("P").apply(&mut store), Err(Declined::ProviderMismatch));
    good("p").apply(&mut store).unwrap();
    assert_eq!(store.own.entry("lastGood", "p"), Some("\"a\""));
}

#[test]
fn an_inherited_profile_gets_only_its_usage_entry() {
    let mut store = documents(r#"{"version":1,"profiles":{}}"#, Some(TWO));
    mark("b", failure("auth")).apply(&mut store).unwrap();
    let written = store.own.render();
    assert!(written.contains(r#""errorCount":3"#) || written.contains(r#""errorCount": 3"#));
    assert_eq!(store.own.entry("profiles", "b"), None);
    assert!(!store.main.unwrap().is_changed());
}

#[test]
fn the_caller_sees_the_main_agent_s_entries_under_its_own() {
    let own = r#"{"profiles":{},"usageStats":{"b":{"errorCount":9},"c":{}}}"#;
    let store = documents(own, Some(TWO));
    assert_eq!(
        store.merged_section("usageStats").unwrap().replace(char::is_whitespace, ""),
        r#"{"b":{"errorCount":9},"c":{}}"#
    );
    assert_eq!(store.merged_section("lastGood"), None);
}

fn refused(profile_id: &str, reason: &str, policy: Policy, now: WallMs) -> Mark {
    let report = Report { reason: Some(reason.into()), ..Report::default() };
    let event = FailureEvent { report, policy, ..FailureEvent::default() };
    Mark { profile_id: profile_id.into(), event: Event::Failure(Box::new(event)), now }
}

/// The same store after its host has signed in again.
fn signed_in(store: &Documents) -> Documents {
    documents(&store.own.render().replace(r#""access": "x""#, r#""access": "new""#), None)
}

#[test]
fn a_login_that_the_host_writes_frees_the_account_too() {
    for reason in ["auth", "auth_permanent"] {
        let mut store = documents(TWO, None);
        refused("a", reason, Policy::Safe, NOW).apply(&mut store).unwrap();
        assert!(is_in_cooldown(&store.stats("a"), NOW + 1.0, None));
        assert!(!is_in_cooldown(&signed_in(&store).stats("a"), NOW + 1.0, None));
    }
}

#[test]
fn a_host_s_login_buys_no_credits() {
    let mut store = documents(TWO, None);
    refused("a", "auth", Policy::Safe, NOW).apply(&mut store).unwrap();
    refused("a", "billing", Policy::Safe, NOW).apply(&mut store).unwrap();
    let stats = signed_in(&store).stats("a");
    assert_eq!((stats.cooldown_until, stats.disabled_reason.as_deref()), (None, Some("billing")));
}

#[test]
fn a_new_credential_that_is_refused_rests_by_itself() {
    let mut store = documents(TWO, None);
    refused("a", "auth_permanent", Policy::Safe, NOW).apply(&mut store).unwrap();
    let mut store = signed_in(&store);
    refused("a", "auth", Policy::Safe, NOW + 1.0).apply(&mut store).unwrap();
    // The rest of the old credential does not come back with the first booking of the new one.
    let stats = store.stats("a");
    assert_eq!(stats.disabled_until, None);
    assert_eq!(stats.cooldown_until, Some(NOW + 1.0 + 60_000.0));
}

#[test]
fn the_compatible_policy_writes_no_fingerprint() {
    let mut store = documents(TWO, None);
    refused("a", "auth", Policy::Compatible, NOW).apply(&mut store).unwrap();
    assert!(!store.own.render().contains("refused"));
}
