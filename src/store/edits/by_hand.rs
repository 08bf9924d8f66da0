//! Edits by hand: the order of a provider, a profile added, replaced or removed.
//!
//! Invariant: an edit changes what it names and what would dangle without it, in the agent's own file.

use super::fingerprint::fingerprint;
use super::marks::{Applied, Declined, Documents, MarkedStore};
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::stats::{Change, Field, UsageStats, with_failover};
use crate::profiles::transitions;
use crate::profiles::windows::BY_HAND;
use crate::store::document::object_text::ObjectText;
use crate::store::document::text::Document;
use crate::time::WallMs;

/// Sets the order of a provider's profiles; an empty one removes it.
pub(crate) fn set_order(
    documents: &mut Documents,
    provider: &str,
    order: &[String],
) -> Result<Applied, Declined> {
    let key = normalize_provider_id(provider);
    if order.is_empty() {
        let removed = documents.own.remove_entry("order", &key, true);
        return if removed { Ok(Applied::default()) } else { Err(Declined::NothingToChange) };
    }
    let list = serde_json::Value::from(order.to_vec());
    let text = documents.own.entry_layout().value(&list);
    if documents.own.entry("order", &key).is_some_and(|now| same_json(now, &text)) {
        return Err(Declined::NothingToChange);
    }
    documents.own.set_entry("order", &key, text);
    Ok(Applied::default())
}

/// Trims, drops empty entries and repeats: what the host does with an order.
#[must_use]
pub(crate) fn clean_order(order: Vec<String>) -> Vec<String> {
    let mut clean: Vec<String> = Vec::with_capacity(order.len());
    for entry in order {
        let entry = entry.trim();
        if !entry.is_empty() && !clean.iter().any(|seen| seen == entry) {
            clean.push(entry.to_owned());
        }
    }
    clean
}

/// Adds or replaces a profile. `credential` is the text of one JSON object in the host's layout. If its secrets are new,
/// the account is free of what rested for the old ones.
pub(crate) fn upsert_profile(
    documents: &mut Documents,
    id: &str,
    credential: &str,
) -> Result<Applied, Declined> {
    let text = documents.own.entry_layout().fit(credential);
    if documents.own.entry("profiles", id).is_some_and(|now| same_json(now, &text)) {
        return Err(Declined::NothingToChange);
    }
    let is_renewed = documents.fingerprint(id) != fingerprint(&text);
    let usage = documents.usage_stats(id).filter(|_| is_renewed);
    documents.own.set_entry("profiles", id, text);
    if let Some(stats) = usage {
        free_of_old(documents, id, &stats);
    }
    Ok(Applied::default())
}

/// Ends what rested for an older credential, in the file too: hosts read no fingerprint.
pub(super) fn free_of_old(documents: &mut Documents, id: &str, stats: &UsageStats) {
    let changes = transitions::renewed(stats);
    if !changes.is_empty() {
        let Ok(()) = documents.change_usage(id, &changes);
    }
}

/// Leaves a profile alone since `since`, or (`None`) no longer. Hosts keep that among the usage, and ignore it.
pub(crate) fn set_paused(
    documents: &mut Documents,
    id: &str,
    since: Option<WallMs>,
) -> Result<Applied, Declined> {
    if documents.profile_text(id).is_none() {
        return Err(Declined::UnknownProfile);
    }
    let changes = transitions::paused(&documents.stats(id), since);
    if changes.is_empty() {
        return Err(Declined::NothingToChange);
    }
    let Ok(()) = documents.change_usage(id, &changes);
    Ok(Applied::default())
}

/// Lets a profile rest until then, without counting a failure. A window that ends later stays.
pub(crate) fn rest_profile(
    documents: &mut Documents,
    id: &str,
    until: WallMs,
    reason: &str,
) -> Result<Applied, Declined> {
    if documents.provider(id).is_none() {
        return Err(Declined::UnknownProfile);
    }
    let stats = documents.usage_stats(id).unwrap_or_default();
    // One of a single model says less.
    let running = stats.cooldown_until.filter(|_| stats.cooldown_model.is_none());
    if running.is_some_and(|running| running.is_possible() && running >= until) {
        return Err(Declined::NothingToChange);
    }
    let mut changes = vec![
        Change::Time(Field::CooldownUntil, until),
        Change::Text(Field::CooldownReason, reason.to_owned()),
    ];
    if stats.cooldown_model.is_some() {
        changes.push(Change::Drop(Field::CooldownModel));
    }
    let changes = with_failover(changes, &stats, |it| it.source = Some(BY_HAND.to_owned()));
    let Ok(()) = documents.change_usage(id, &changes);
    Ok(Applied::default())
}

/// Removes a profile with its usage entry, and wherever `lastGood` and `order` name it.
pub(crate) fn remove_profile(documents: &mut Documents, id: &str) -> Result<Applied, Declined> {
    let own = &mut documents.own;
    let was_there = own.entry("profiles", id).is_some();
    own.remove_entry("profiles", id, false);
    let had_usage = own.remove_entry("usageStats", id, false);
    if !was_there && !had_usage {
        return Err(Declined::UnknownProfile);
    }
    for provider in keys_naming(own, "lastGood", |value| value.as_str() == Some(id)) {
        own.remove_entry("lastGood", &provider, true);
    }
    let lists_it = |value: &serde_json::Value| {
        value.as_array().is_some_and(|list| list.iter().any(|entry| entry == id))
    };
    for provider in keys_naming(own, "order", lists_it) {
        let rest: Vec<String> = own
            .entry("order", &provider)
            .and_then(|text| serde_json::from_str::<Vec<serde_json::Value>>(text).ok())
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| entry != id)
            .filter_map(|entry| entry.as_str().map(str::to_owned))
            .collect();
        if rest.is_empty() {
            // An empty list would mean that no profile may be used.
            own.remove_entry("order", &provider, true);
        } else {
            let text = own.entry_layout().value(&rest.into());
            own.set_entry("order", &provider, text);
        }
    }
    Ok(Applied::default())
}

fn keys_naming(
    document: &Document,
    section: &str,
    names: impl Fn(&serde_json::Value) -> bool,
) -> Vec<String> {
    document
        .entries(section)
        .filter(|(_, text)| serde_json::from_str(text).is_ok_and(|value| names(&value)))
        .map(|(key, _)| key.to_owned())
        .collect()
}

fn same_json(a: &str, b: &str) -> bool {
    // Compared with key order: a different order is a different text to keep.
    let members = |text| {
        ObjectText::parse(text).map(|object| {
            object.members().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<Vec<_>>()
        })
    };
    match (members(a), members(b)) {
        (Ok(a), Ok(b)) => {
            a.len() == b.len()
                && a.iter().zip(&b).all(|(a, b)| a.0 == b.0 && same_value(&a.1, &b.1))
        }
        _ => same_value(a, b),
    }
}

fn same_value(a: &str, b: &str) -> bool {
    let value = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    a == b || value(a).is_some_and(|a| Some(a) == value(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::stats::Success;
    use crate::store::edits::marks::{Event, Mark};

    const STORE: &str = r#"{
  "version": 1,
  "profiles": {
    "a": {
      "type": "oauth"
    },
    "b": {}
  },
  "order": {
    "p": [
      "a",
      "b"
    ],
    "q": [
      "a"
    ]
  },
  "lastGood": {
    "p": "a"
  },
  "usageStats": {
    "a": {},
    "b": {}
  }
}
"#;

    fn documents(text: &str) -> Documents {
        Documents { own: Document::parse(text.as_bytes()).unwrap(), main: None }
    }

    #[test]
    fn an_order_is_written_as_the_host_writes_it() {
        let mut store = documents("{\n  \"version\": 1,\n  \"profiles\": {}\n}\n");
        set_order(&mut store, " P ", &["a".into(), "b".into()]).unwrap();
        let order = "  \"order\": {\n    \"p\": [\n      \"a\",\n      \"b\"\n    ]\n  }";
        assert_eq!(
            store.own.render(),
            format!("{{\n  \"version\": 1,\n  \"profiles\": {{}},\n{order}\n}}\n")
        );
    }

    #[test]
    fn an_empty_order_removes_it_and_the_section_with_the_last() {
        let mut store = documents(STORE);
        set_order(&mut store, "p", &[]).unwrap();
        set_order(&mut store, "q", &[]).unwrap();
        assert_eq!(store.own.entry("order", "p"), None);
        assert!(!store.own.render().contains("order"));
        assert_eq!(set_order(&mut store, "p", &[]), Err(Declined::NothingToChange));
    }

    #[test]
    fn the_same_again_is_no_change() {
        let mut store = documents(STORE);
        let same = set_order(&mut store, "p", &["a".into(), "b".into()]);
        assert_eq!(same, Err(Declined::NothingToChange));
        let same = upsert_profile(&mut store, "a", r#"{"type":"oauth"}"#);
        assert_eq!(same, Err(Declined::NothingToChange));
        assert!(!store.own.is_changed());
    }

    #[test]
    fn an_order_is_cleaned_as_the_host_does() {
        let given = [" a", "", "b ", "a", "  "].map(str::to_owned).to_vec();
        assert_eq!(clean_order(given), ["a", "b"]);
    }

    #[test]
    fn a_removed_profile_leaves_nothing_that_names_it() {
        let mut store = documents(STORE);
        remove_profile(&mut store, "a").unwrap();
        let expected = "{\n  \"version\": 1,\n  \"profiles\": {\n    \"b\": {}\n  },\n  \"order\": {\n    \"p\": [\n      \"b\"\n    ]\n  },\n  \"usageStats\": {\n    \"b\": {}\n  }\n}\n";
        assert_eq!(store.own.render(), expected);
        assert_eq!(remove_profile(&mut store, "a"), Err(Declined::UnknownProfile));
    }

    #[test]
    fn a_rest_is_a_window_and_no_failure() {
        let mut store = resting(r#""refresh":"r""#, "{}");
        rest_profile(&mut store, "a", WallMs::new(9e12), "maintenance").unwrap();
        let usage = store.own.entry("usageStats", "a").unwrap();
        assert!(usage.contains(r#""cooldownUntil":9000000000000"#), "{usage}");
        assert!(usage.contains("maintenance") && !usage.contains("errorCount"), "{usage}");
        let shorter = rest_profile(&mut store, "a", WallMs::new(8e12), "x");
        assert_eq!(shorter, Err(Declined::NothingToChange));
        let unknown = rest_profile(&mut store, "z", WallMs::new(9e12), "x");
        assert_eq!(unknown, Err(Declined::UnknownProfile));
    }

    #[test]
    fn an_answer_that_was_on_its_way_does_not_end_a_rest_and_a_clear_does() {
        let mut store = resting(r#""refresh":"r""#, "{}");
        rest_profile(&mut store, "a", WallMs::new(9e12), "maintenance").unwrap();
        let success = Event::Success { provider: "p".into(), success: Success::default() };
        let now = WallMs::new(1e12);
        let mark = |event| Mark { profile_id: "a".into(), event, now };
        mark(success).apply(&mut store).unwrap();
        assert_eq!(store.stats("a").cooldown_until, Some(WallMs::new(9e12)));
        mark(Event::Clear).apply(&mut store).unwrap();
        assert_eq!(store.stats("a").cooldown_until, None);
    }

    #[test]
    fn a_profile_is_added_in_the_host_s_layout() {
        let mut store = documents("{\n  \"version\": 1,\n  \"profiles\": {}\n}\n");
        upsert_profile(&mut store, "x", "{\n  \"type\": \"api_key\",\n  \"key\": \"k\"\n}")
            .unwrap();
        assert_eq!(
            store.own.render(),
            "{\n  \"version\": 1,\n  \"profiles\": {\n    \"x\": {\n      \"type\": \"api_key\",\n      \"key\": \"k\"\n    }\n  }\n}\n"
        );
    }

    /// A store whose profile `a` has these secrets and this usage entry.
    fn resting(secret: &str, usage: &str) -> Documents {
        documents(&format!(
            r#"{{"profiles":{{"a":{{"type":"oauth","provider":"p",{secret}}}}},"usageStats":{{"a":{usage}}}}}"#
        ))
    }

    fn usage_after(store: &mut Documents, secret: &str) -> String {
        let credential = format!(r#"{{"type":"oauth","provider":"p",{secret}}}"#);
        upsert_profile(store, "a", &credential).unwrap();
        store.own.entry("usageStats", "a").unwrap().to_owned()
    }

    #[test]
    fn a_new_login_frees_what_rested_for_the_old_credential() {
        let refused = r#"{"errorCount":2,"cooldownUntil":9,"cooldownReason":"auth","disabledUntil":9,"disabledReason":"auth_permanent","failureCounts":{"auth":1,"auth_permanent":1},"note":"theirs"}"#;
        let mut store = resting(r#""access":"old","refresh":"old""#, refused);
        let usage = usage_after(&mut store, r#""access":"new","refresh":"new""#);
        assert_eq!(usage, r#"{"errorCount":0,"note":"theirs"}"#);
    }

    #[test]
    fn a_new_login_frees_a_cooldown_that_an_old_host_wrote_for_it() {
        let refused = r#"{"errorCount":1,"cooldownUntil":9,"failureCounts":{"auth":1}}"#;
        let mut store = resting(r#""refresh":"old""#, refused);
        let usage = usage_after(&mut store, r#""refresh":"new""#);
        assert_eq!(usage, r#"{"errorCount":0}"#);
    }

    #[test]
    fn a_new_login_changes_nothing_about_money_limits_and_quotas() {
        for usage in [
            r#"{"errorCount":1,"disabledUntil":9,"disabledReason":"billing","failureCounts":{"billing":1}}"#,
            r#"{"errorCount":1,"cooldownUntil":9,"cooldownReason":"rate_limit","failureCounts":{"rate_limit":1}}"#,
        ] {
            let mut store = resting(r#""refresh":"old""#, usage);
            assert_eq!(usage_after(&mut store, r#""refresh":"new""#), usage);
        }
    }

    #[test]
    fn a_pause_lasts_through_successes_clears_and_logins_until_it_is_lifted() {
        let mut store = resting(r#""refresh":"old""#, r#"{"errorCount":2,"cooldownUntil":9}"#);
        let since = WallMs::new(5.0);
        set_paused(&mut store, "a", Some(since)).unwrap();
        assert_eq!(set_paused(&mut store, "a", Some(since)), Err(Declined::NothingToChange));
        let now = WallMs::new(7.0);
        let success = Event::Success { provider: "p".into(), success: Success::default() };
        for event in [Event::Clear, success, Event::Asked] {
            let _ = Mark { profile_id: "a".into(), event, now }.apply(&mut store);
            assert_eq!(store.stats("a").failover.paused, Some(since));
        }
        usage_after(&mut store, r#""refresh":"new""#);
        assert_eq!(store.stats("a").failover.paused, Some(since));
        set_paused(&mut store, "a", None).unwrap();
        assert_eq!(store.stats("a").failover.paused, None);
        assert_eq!(set_paused(&mut store, "a", None), Err(Declined::NothingToChange));
        assert_eq!(set_paused(&mut store, "gone", Some(since)), Err(Declined::UnknownProfile));
    }

    #[test]
    fn the_same_secrets_are_no_new_login() {
        let refused = r#"{"errorCount":1,"cooldownUntil":9,"cooldownReason":"auth"}"#;
        let mut store = resting(r#""refresh":"same""#, refused);
        assert_eq!(usage_after(&mut store, r#""refresh":"same","email":"new""#), refused);
    }
}
