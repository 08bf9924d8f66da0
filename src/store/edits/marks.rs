//! Marks: one event of one profile, applied to a store: to its documents, or to the object that a caller passed.
//!
//! Invariant: a mark does the same to both. It changes `usageStats[profileId]` or `lastGood[provider]`, and nothing else.
//! For a profile that a sub-agent inherits, that entry goes into the sub-agent's file and no credential does.

use std::collections::HashSet;
use std::convert::Infallible;

use super::fingerprint::fingerprint;
use crate::profiles::booking::Report;
use crate::profiles::booking_rules::{Policy, Rules};
use crate::profiles::cooldown::{CooldownSettings, Ladder};
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::stats::{Change, Success, UsageStats};
use crate::profiles::{entry, transitions};
use crate::store::document::object_text::{ObjectText, quote};
use crate::store::document::overlay;
use crate::store::document::text::Document;
use crate::store::document::usage_text::UsageText;
use crate::time::WallMs;

/// What happened to a profile.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Used(Success),
    /// Asked, but the answer was not seen.
    Asked,
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
    /// The fingerprint of the credential that was refused, if that is known.
    pub asked: Option<String>,
}

/// One event of one profile at one time (wall-clock milliseconds).
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub profile_id: String,
    pub event: Event,
    pub now: WallMs,
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
#[derive(Debug, Clone)]
pub(crate) struct Documents {
    pub own: Document,
    pub main: Option<Document>,
}

impl Documents {
    /// A profile's entry as text, the agent's own or inherited, and its provider as written.
    #[must_use]
    pub(crate) fn profile_text(&self, id: &str) -> Option<(&str, String)> {
        let layers = std::iter::once(&self.own).chain(&self.main);
        layers.into_iter().find_map(|document| {
            let provider = document.profile(id)?.provider;
            Some((document.entry("profiles", id)?, provider))
        })
    }

    /// The usage entry as the host would merge it: the agent's own, else the main agent's.
    #[must_use]
    pub(crate) fn usage(&self, id: &str) -> Option<&str> {
        let inherited = || self.main.as_ref()?.entry("usageStats", id);
        self.own.entry("usageStats", id).or_else(inherited)
    }

    /// The host spreads whatever stands there; what is no object contributes nothing.
    fn usage_entry(&self, id: &str) -> UsageText {
        let object = self.usage(id).and_then(|text| ObjectText::parse(text).ok());
        UsageText {
            object: object.unwrap_or_else(ObjectText::empty),
            layout: self.own.entry_layout(),
        }
    }

    /// The usage entry as the rules read it: what rests for a credential that the profile no longer has is over.
    #[must_use]
    pub(crate) fn stats(&self, id: &str) -> UsageStats {
        let stats = entry::read(&self.usage_entry(id));
        let renewal = self.renewal(id, &stats);
        if renewal.is_empty() { stats } else { stats.after(&renewal) }
    }

    /// What is over because the profile has another credential than the one that was refused.
    fn renewal(&self, id: &str, stats: &UsageStats) -> Vec<Change> {
        let Some(refused) = &stats.failover.refused else { return Vec::new() };
        match self.fingerprint(id) {
            Some(current) if current != *refused => transitions::renewed(stats),
            _ => Vec::new(),
        }
    }

    /// Whether a profile is the main agent's, and this sub-agent has none of that name.
    #[must_use]
    pub(crate) fn is_inherited(&self, id: &str) -> bool {
        let has = |document: &Document| document.profile(id).is_some();
        !has(&self.own) && self.main.as_ref().is_some_and(has)
    }

    /// The profiles that a sub-agent inherits.
    pub(crate) fn inherited(&self) -> impl Iterator<Item = &str> {
        let own: HashSet<&str> = self.own.profiles().map(|(id, _)| id).collect();
        let all = self.main.iter().flat_map(Document::profiles).map(|(id, _)| id);
        all.filter(move |id| !own.contains(id))
    }

    /// What is known of the account behind a profile. Hosts book an inherited one in the sub-agent's file, where its
    /// sisters do not see it, and this package where the credential lives: the later of the two holds.
    #[must_use]
    pub(crate) fn account_stats(&self, id: &str) -> UsageStats {
        let own = self.stats(id);
        let Some(main) = self.main.as_ref().filter(|_| self.is_inherited(id)) else { return own };
        let Some(text) = main.entry("usageStats", id) else { return own };
        let object = ObjectText::parse(text).unwrap_or_else(|_| ObjectText::empty());
        let main = entry::read(&UsageText { object, layout: main.entry_layout() });
        let latest = |stats: &UsageStats| {
            stats.last_used.unwrap_or_default().later(stats.last_failure_at.unwrap_or_default())
        };
        let paused = own.failover.paused.or(main.failover.paused);
        // As late as the other: it was cleared here, which leaves its times.
        let mut stats = if latest(&own) >= latest(&main) { own } else { main };
        stats.failover.paused = paused;
        stats
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
        for (provider, names) in self.main.iter().chain([&self.own]).flat_map(Document::orders) {
            match merged.iter_mut().find(|(known, _)| *known == provider) {
                Some(known) => known.1 = names,
                None => merged.push((provider, names)),
            }
        }
        merged
    }
}

/// What a mark is applied to.
pub(crate) trait MarkedStore {
    type Error;

    /// The profile's provider as written; `None` if there is no such profile.
    fn provider(&self, id: &str) -> Option<String>;
    /// The profile's usage entry, if it has one.
    fn usage_stats(&self, id: &str) -> Option<UsageStats>;
    fn change_usage(&mut self, id: &str, changes: &[Change]) -> Result<(), Self::Error>;
    fn set_last_good(&mut self, provider: &str, id: &str) -> Result<(), Self::Error>;
    /// See [`fingerprint`]; `None` where the credential is not at hand.
    fn fingerprint(&self, id: &str) -> Option<String>;
}

impl MarkedStore for Documents {
    type Error = Infallible;

    fn provider(&self, id: &str) -> Option<String> {
        let inherited = || self.main.as_ref()?.profile(id);
        self.own.profile(id).or_else(inherited).map(|profile| profile.provider)
    }

    fn usage_stats(&self, id: &str) -> Option<UsageStats> {
        self.usage(id).map(|_| self.stats(id))
    }

    fn change_usage(&mut self, id: &str, changes: &[Change]) -> Result<(), Infallible> {
        let mut usage = self.usage_entry(id);
        // The changes were made for the entry as it is read.
        let renewal = self.renewal(id, &entry::read(&usage));
        entry::apply(&mut usage, &renewal)?;
        entry::apply(&mut usage, changes)?;
        self.own.set_entry("usageStats", id, usage.object.render(usage.layout));
        Ok(())
    }

    fn set_last_good(&mut self, provider: &str, id: &str) -> Result<(), Infallible> {
        self.own.set_entry("lastGood", provider, quote(id));
        Ok(())
    }

    fn fingerprint(&self, id: &str) -> Option<String> {
        fingerprint(self.profile_text(id)?.0)
    }
}

impl Mark {
    /// Applies the mark to the documents, or says why there is nothing to do.
    pub(crate) fn apply(&self, documents: &mut Documents) -> Result<Applied, Declined> {
        let Ok(applied) = self.apply_to(documents);
        applied
    }

    /// The same for any store. The outer error is the store's own.
    pub(crate) fn apply_to<Store: MarkedStore>(
        &self,
        store: &mut Store,
    ) -> Result<Result<Applied, Declined>, Store::Error> {
        let id = self.profile_id.as_str();
        let (provider, usage) = (store.provider(id), store.usage_stats(id));
        if let Err(declined) = self.check(provider.as_deref(), usage.is_some()) {
            return Ok(Err(declined));
        }
        if let Event::Good { provider } | Event::Success { provider, .. } = &self.event {
            store.set_last_good(provider, id)?;
        }
        if matches!(self.event, Event::Good { .. }) {
            return Ok(Ok(Applied::default()));
        }
        let is_failure = matches!(self.event, Event::Failure(_));
        let credential = is_failure.then(|| store.fingerprint(id)).flatten();
        let usage = usage.unwrap_or_default();
        let (changes, applied) =
            self.changes(&usage, provider.as_deref().unwrap_or(""), credential);
        if changes.is_empty() {
            return Ok(Err(Declined::NothingToBook));
        }
        store.change_usage(id, &changes)?;
        Ok(Ok(applied))
    }

    fn check(&self, provider: Option<&str>, has_usage: bool) -> Result<(), Declined> {
        match (&self.event, provider) {
            (Event::Clear, _) if !has_usage => Err(Declined::NothingToClear),
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
    fn changes(
        &self,
        stats: &UsageStats,
        provider: &str,
        credential: Option<String>,
    ) -> (Vec<Change>, Applied) {
        let now = self.now;
        let plain = |changes| (changes, Applied::default());
        match &self.event {
            Event::Used(success) | Event::Success { success, .. } => {
                let (changes, cooldown_kept) = transitions::used(stats, success, now);
                (changes, Applied { cooldown_kept })
            }
            Event::Asked => plain(transitions::asked(now)),
            Event::Clear => plain(transitions::cleared(stats)),
            Event::Good { .. } => plain(Vec::new()),
            Event::Restore(restored) => {
                plain(transitions::restored(stats, &restored.before, &restored.after))
            }
            Event::Failure(failure) => {
                let rules = Rules {
                    policy: failure.policy,
                    ladder: failure.ladder,
                    backoff: failure.settings.for_provider(&normalize_provider_id(provider)),
                    stretch: failure.stretch,
                };
                let booking = failure.report.booking(failure.policy, now);
                if transitions::is_of_credential(&booking.reason)
                    && failure.asked.as_ref().zip(credential.as_ref()).is_some_and(|(a, b)| a != b)
                {
                    // Somebody has signed in meanwhile: it says nothing of the new credential.
                    return plain(Vec::new());
                }
                let changes = transitions::failed(stats, &booking, now, &rules);
                // The host writes no such thing.
                let credential = credential.filter(|_| failure.policy == Policy::Safe);
                plain(transitions::with_refused(changes, stats, &booking.reason, credential))
            }
        }
    }
}

#[cfg(test)]
mod tests;
