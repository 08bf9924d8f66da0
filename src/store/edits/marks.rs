//! Marks: one event of one profile, applied to the document.
//!
//! Invariant: a mark changes `usageStats[profileId]` or `lastGood[provider]`, and nothing else. For a profile
//! that a sub-agent inherits, that entry goes into the sub-agent's file and no credential does.

use crate::profiles::booking::Report;
use crate::profiles::cooldown::{CooldownSettings, Ladder};
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::rules::{Policy, Rules};
use crate::profiles::stats::{self, Change, Success, UsageStats};
use crate::store::document::object_text::{ObjectText, quote};
use crate::store::document::overlay;
use crate::store::document::text::Document;
use crate::store::document::usage_text;

/// What happened to a profile.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Used(Success),
    Good {
        provider: String,
    },
    /// `Good` and `Used` in one write.
    Success {
        provider: String,
        success: Success,
    },
    Failure(Box<FailureEvent>),
    Clear,
    /// Takes back a failure that turned out to be the request's fault.
    Restore(Box<Restored>),
}

/// A failure to take back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Restored {
    /// The entry before it was booked.
    pub before: UsageStats,
    /// Right after.
    pub after: UsageStats,
}

/// A failure and the rules to book it by.
#[derive(Debug, Clone, Default)]
pub(crate) struct FailureEvent {
    pub report: Report,
    pub settings: CooldownSettings,
    pub policy: Policy,
    pub ladder: Ladder,
    /// See [`Rules::stretch`].
    pub stretch: f64,
}

/// One event of one profile at one time (wall-clock milliseconds).
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub profile_id: String,
    pub event: Event,
    pub now: f64,
}

/// What a mark did besides changing its entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// A success left a cooldown in place, because that cooldown is newer than the request.
    pub cooldown_kept: bool,
}

/// Why a mark had nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declined {
    UnknownProfile,
    ProviderMismatch,
    NothingToClear,
    NothingToBook,
    NothingToChange,
}

impl Declined {
    /// The public `reason`.
    #[must_use]
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::UnknownProfile => "unknown-profile",
            Self::ProviderMismatch => "provider-mismatch",
            Self::NothingToClear => "nothing-to-clear",
            Self::NothingToBook => "nothing-to-book",
            Self::NothingToChange => "nothing-to-change",
        }
    }
}

/// The agent's document and, for a sub-agent, the main agent's.
#[derive(Debug)]
pub(crate) struct Documents {
    pub own: Document,
    pub main: Option<Document>,
}

impl Documents {
    fn profile_provider(&self, id: &str) -> Option<String> {
        let inherited = || self.main.as_ref()?.profile(id);
        self.own.profile(id).or_else(inherited).map(|profile| profile.provider)
    }

    /// A profile's entry as text, the agent's own or inherited, and its provider as written.
    #[must_use]
    pub(crate) fn profile_text(&self, id: &str) -> Option<(&str, String)> {
        let layers = std::iter::once(&self.own).chain(&self.main);
        layers.into_iter().find_map(|document| {
            let text = document.profiles().find(|(name, _)| *name == id).map(|(_, text)| text)?;
            Some((text, document.profile(id)?.provider))
        })
    }

    /// The usage entry as the host would merge it: the agent's own, else the main agent's.
    #[must_use]
    pub(crate) fn usage(&self, id: &str) -> Option<&str> {
        let inherited = || self.main.as_ref()?.entry("usageStats", id);
        self.own.entry("usageStats", id).or_else(inherited)
    }

    fn usage_entry(&self, id: &str) -> ObjectText {
        let text = self.usage(id);
        text.and_then(|text| ObjectText::parse(text).ok()).unwrap_or_else(ObjectText::empty)
    }

    /// The usage entry as the rules read it.
    #[must_use]
    pub(crate) fn stats(&self, id: &str) -> UsageStats {
        usage_text::read(&self.usage_entry(id))
    }

    /// A section as the caller's object should see it: the main agent's entries under the agent's own.
    #[must_use]
    pub(crate) fn merged_section(&self, section: &str) -> Option<String> {
        let Some(main) = &self.main else { return self.own.section_text(section) };
        match (main.section_text(section), self.own.section_text(section)) {
            (None, own) => own,
            (main, None) => main,
            (Some(_), Some(_)) => {
                Some(overlay::merge_text(main.entries(section).chain(self.own.entries(section))))
            }
        }
    }

    /// The orders that hold, by provider as written; each agent's are cleaned before they are merged, so a blank list
    /// of a sub-agent does not hide the main agent's.
    #[must_use]
    pub(crate) fn orders(&self) -> Vec<(&str, Vec<String>)> {
        let mut merged: Vec<(&str, Vec<String>)> = Vec::new();
        for (provider, names) in self.main.iter().chain([&self.own]).flat_map(overlay::orders) {
            match merged.iter_mut().find(|(known, _)| *known == provider) {
                Some(known) => known.1 = names,
                None => merged.push((provider, names)),
            }
        }
        merged
    }
}

impl Mark {
    /// Applies the mark, or says why there is nothing to do.
    pub(crate) fn apply(&self, documents: &mut Documents) -> Result<Applied, Declined> {
        let provider = documents.profile_provider(&self.profile_id);
        self.check(documents, provider.as_deref())?;
        if let Event::Good { provider } | Event::Success { provider, .. } = &self.event {
            documents.own.set_entry("lastGood", provider, quote(&self.profile_id));
        }
        if matches!(self.event, Event::Good { .. }) {
            return Ok(Applied::default());
        }
        // The host spreads whatever stands there; what is no object contributes nothing.
        let mut entry = documents.usage_entry(&self.profile_id);
        let stats = usage_text::read(&entry);
        let (changes, applied) = self.changes(&stats, provider.as_deref().unwrap_or(""));
        if changes.is_empty() {
            return Err(Declined::NothingToBook);
        }
        let layout = documents.own.entry_layout();
        usage_text::apply(&mut entry, &changes, layout);
        documents.own.set_entry("usageStats", &self.profile_id, entry.render(layout));
        Ok(applied)
    }

    fn check(&self, documents: &Documents, provider: Option<&str>) -> Result<(), Declined> {
        match (&self.event, provider) {
            (Event::Clear, _) if documents.usage(&self.profile_id).is_none() => {
                Err(Declined::NothingToClear)
            }
            (Event::Clear, _) => Ok(()),
            (_, None) => Err(Declined::UnknownProfile),
            (Event::Good { provider: expected }, Some(actual)) if actual != expected => {
                Err(Declined::ProviderMismatch)
            }
            (Event::Success { provider: expected, .. }, Some(actual))
                if normalize_provider_id(actual) != normalize_provider_id(expected) =>
            {
                Err(Declined::ProviderMismatch)
            }
            _ => Ok(()),
        }
    }

    /// The pure part: what becomes of the profile's usage entry. `Good` changes none.
    #[must_use]
    pub(crate) fn changes(&self, stats: &UsageStats, provider: &str) -> (Vec<Change>, Applied) {
        let plain = |changes| (changes, Applied::default());
        match &self.event {
            Event::Used(success) | Event::Success { success, .. } => {
                let (changes, cooldown_kept) = stats::used(stats, success, self.now);
                (changes, Applied { cooldown_kept })
            }
            Event::Clear => plain(stats::cleared(stats)),
            Event::Good { .. } => plain(Vec::new()),
            Event::Restore(restored) => {
                plain(stats::restored(stats, &restored.before, &restored.after))
            }
            Event::Failure(failure) => {
                let rules = Rules {
                    policy: failure.policy,
                    ladder: failure.ladder,
                    backoff: failure.settings.for_provider(&normalize_provider_id(provider)),
                    stretch: failure.stretch,
                };
                let booking = failure.report.booking(failure.policy, self.now);
                plain(stats::failed(stats, &booking, self.now, &rules))
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
