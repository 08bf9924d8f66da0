//! Marks: one event of one profile, applied to the document.
//!
//! Invariant: a mark changes `usageStats[profileId]` or `lastGood[provider]`, and nothing else. For a profile
//! that a sub-agent inherits, that entry goes into the sub-agent's file and no credential does.

use super::document::Document;
use super::object_text::{Layout, ObjectText, number, quote};
use crate::profiles::cooldown::CooldownSettings;
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::stats::{self, Change, UsageStats};

/// What happened to a profile.
#[derive(Debug, Clone)]
pub enum Event {
    Used,
    Good { provider: String },
    Failure { reason: String, settings: CooldownSettings },
    Clear,
}

/// One event of one profile at one time (wall-clock milliseconds).
#[derive(Debug, Clone)]
pub struct Mark {
    pub profile_id: String,
    pub event: Event,
    pub now: f64,
}

/// Why a mark had nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    UnknownProfile,
    ProviderMismatch,
    NothingToClear,
}

impl Declined {
    /// The public `reason`.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::UnknownProfile => "unknown-profile",
            Self::ProviderMismatch => "provider-mismatch",
            Self::NothingToClear => "nothing-to-clear",
        }
    }
}

/// The agent's document and, for a sub-agent, the main agent's.
#[derive(Debug)]
pub struct Documents {
    pub own: Document,
    pub main: Option<Document>,
}

impl Documents {
    fn profile_provider(&self, id: &str) -> Option<String> {
        let inherited = || self.main.as_ref()?.profile(id);
        self.own.profile(id).or_else(inherited).map(|profile| profile.provider)
    }

    /// The usage entry as the host would merge it: the agent's own, else the main agent's.
    fn usage(&self, id: &str) -> Option<&str> {
        let inherited = || self.main.as_ref()?.entry("usageStats", id);
        self.own.entry("usageStats", id).or_else(inherited)
    }

    /// A section as the caller's object should see it: the main agent's entries under the agent's own.
    #[must_use]
    pub fn merged_section(&self, section: &str) -> Option<String> {
        let Some(main) = &self.main else { return self.own.section_text(section) };
        let mut merged = match (main.section_text(section), self.own.section_text(section)) {
            (None, own) => return own,
            (main, None) => return main,
            (Some(main), Some(_)) => {
                ObjectText::parse(&main).unwrap_or_else(|_| ObjectText::empty())
            }
        };
        for (key, text) in self.own.entries(section) {
            merged.set(key, text.to_owned());
        }
        Some(merged.render(Layout { pretty: false, depth: 0 }))
    }
}

impl Mark {
    /// Applies the mark, or says why there is nothing to do.
    pub fn apply(&self, documents: &mut Documents) -> Result<(), Declined> {
        let provider = documents.profile_provider(&self.profile_id);
        match &self.event {
            Event::Clear => {
                if documents.usage(&self.profile_id).is_none() {
                    return Err(Declined::NothingToClear);
                }
            }
            Event::Good { provider: expected } => match provider.as_ref() {
                None => return Err(Declined::UnknownProfile),
                Some(actual) if actual != expected => return Err(Declined::ProviderMismatch),
                Some(_) => {
                    documents.own.set_entry("lastGood", expected, quote(&self.profile_id));
                    return Ok(());
                }
            },
            Event::Used | Event::Failure { .. } if provider.is_none() => {
                return Err(Declined::UnknownProfile);
            }
            Event::Used | Event::Failure { .. } => {}
        }
        let text = documents.usage(&self.profile_id);
        // The host spreads whatever stands there; what is no object contributes nothing.
        let mut entry =
            text.and_then(|text| ObjectText::parse(text).ok()).unwrap_or_else(ObjectText::empty);
        let changes = self.changes(&read_stats(&entry), provider.as_deref().unwrap_or(""));
        let layout = documents.own.entry_layout();
        apply_changes(&mut entry, &changes, layout);
        documents.own.set_entry("usageStats", &self.profile_id, entry.render(layout));
        Ok(())
    }

    /// The pure part: what becomes of the profile's usage entry. `Good` changes none.
    #[must_use]
    pub fn changes(&self, stats: &UsageStats, provider: &str) -> Vec<Change> {
        match &self.event {
            Event::Used => stats::used(self.now),
            Event::Clear => stats::cleared(),
            Event::Good { .. } => Vec::new(),
            Event::Failure { reason, settings } => {
                let config = settings.for_provider(&normalize_provider_id(provider));
                stats::failed(stats, reason, self.now, &config)
            }
        }
    }
}

/// The fields that the rules read; one of a wrong type counts as absent.
fn read_stats(entry: &ObjectText) -> UsageStats {
    let number = |key| serde_json::from_str::<f64>(entry.get(key)?).ok();
    let counts = entry.get("failureCounts").and_then(|text| ObjectText::parse(text).ok());
    UsageStats {
        last_used: number("lastUsed"),
        error_count: number("errorCount"),
        cooldown_until: number("cooldownUntil"),
        disabled_until: number("disabledUntil"),
        disabled_reason: entry
            .get("disabledReason")
            .and_then(|text| serde_json::from_str(text).ok()),
        last_failure_at: number("lastFailureAt"),
        failure_counts: counts
            .iter()
            .flat_map(ObjectText::members)
            .filter_map(|(reason, text)| {
                Some((reason.to_owned(), serde_json::from_str(text).ok()?))
            })
            .collect(),
    }
}

fn apply_changes(entry: &mut ObjectText, changes: &[Change], layout: Layout) {
    for change in changes {
        match change {
            Change::Number(key, value) => entry.set(key, number(*value)),
            Change::Text(key, text) => entry.set(key, quote(text)),
            Change::Drop(key) => {
                entry.remove(key);
            }
            Change::ResetCounts => entry.set("failureCounts", "{}".to_owned()),
            Change::Count(reason, count) => {
                let text = entry.get("failureCounts").unwrap_or("{}");
                let mut counts = ObjectText::parse(text).unwrap_or_else(|_| ObjectText::empty());
                counts.set(reason, number(*count));
                entry.set("failureCounts", counts.render(layout.inner()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_770_000_000_000.0;

    fn documents(own: &str, main: Option<&str>) -> Documents {
        let parse = |text: &str| Document::parse(text.as_bytes()).unwrap();
        Documents { own: parse(own), main: main.map(parse) }
    }

    fn mark(profile_id: &str, event: Event) -> Mark {
        Mark { profile_id: profile_id.into(), event, now: NOW }
    }

    fn failure(reason: &str) -> Event {
        Event::Failure { reason: reason.into(), settings: CooldownSettings::default() }
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
        for event in [Event::Used, failure("auth"), Event::Good { provider: "p".into() }] {
            assert_eq!(mark("c", event).apply(&mut store), Err(Declined::UnknownProfile));
        }
        assert_eq!(mark("c", Event::Clear).apply(&mut store), Err(Declined::NothingToClear));
        assert!(!store.own.is_changed());
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
}
