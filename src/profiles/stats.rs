//! What is stored of one profile: the fields of its usage entry, and how an entry changes.
//!
//! Invariant: every field is named once, with its key and its place.

use crate::time::WallMs;

/// The fields of `usageStats[profileId]` that the rules read. A field of a wrong type counts as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct UsageStats {
    pub last_used: Option<WallMs>,
    pub error_count: Option<f64>,
    pub cooldown_until: Option<WallMs>,
    /// Why it cools (hosts from 2026.3.28, and this package).
    pub cooldown_reason: Option<String>,
    /// The only model that it cools for (hosts from 2026.3.28, and this package); `None` means every model.
    pub cooldown_model: Option<String>,
    pub disabled_until: Option<WallMs>,
    pub disabled_reason: Option<String>,
    pub last_failure_at: Option<WallMs>,
    pub failure_counts: Vec<(String, f64)>,
    /// What only this package knows, under a key that hosts ignore.
    pub failover: Failover,
}

/// One change of a usage entry. Existing keys keep their place, new ones go last, as with a JavaScript spread.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Number(Field, f64),
    Time(Field, WallMs),
    Text(Field, String),
    Drop(Field),
    /// Starts `failureCounts` over.
    ResetCounts,
    /// `failureCounts[reason]` becomes this.
    Count(String, f64),
    /// Our own key becomes this; it goes when empty.
    Failover(Failover),
}

/// A success and what it may not erase.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Success {
    /// When the request began; one that began before the latest failure does not erase its cooldown.
    pub started_at: Option<WallMs>,
    /// The model that answered; windows of other models stay.
    pub model: Option<String>,
}

/// What only this package knows of an entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Failover {
    /// Where the end of the account's window was stated; `None` for a generic back-off.
    pub source: Option<String>,
    /// Windows of single models.
    pub models: Vec<(String, ModelWindow)>,
    /// Refusals for a used-up quota in a row, by model (`*`: the account); see `quota_ladder`.
    pub quota_steps: Vec<(String, f64)>,
    /// The credential that was refused last, as `store::edits::fingerprint` makes it out: what rests for it is over when
    /// the profile has another.
    pub refused: Option<String>,
    /// Since when somebody wants the profile left alone, whatever its windows say.
    pub paused: Option<WallMs>,
}

impl Failover {
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One model's window.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelWindow {
    pub until: WallMs,
    pub reason: String,
    pub source: Option<String>,
}

/// The fields of a usage entry that the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    LastUsed,
    ErrorCount,
    CooldownUntil,
    CooldownReason,
    CooldownModel,
    DisabledUntil,
    DisabledReason,
    LastFailureAt,
    FailureCounts,
    /// The one that only this package writes.
    Failover,
}

/// A field's place in [`UsageStats`].
pub(crate) enum Slot<'a> {
    Number(&'a mut Option<f64>),
    Time(&'a mut Option<WallMs>),
    Text(&'a mut Option<String>),
    Counts(&'a mut Vec<(String, f64)>),
    Failover(&'a mut Failover),
}

impl Field {
    pub(crate) const ALL: [Self; 10] = [
        Self::LastUsed,
        Self::ErrorCount,
        Self::CooldownUntil,
        Self::CooldownReason,
        Self::CooldownModel,
        Self::DisabledUntil,
        Self::DisabledReason,
        Self::LastFailureAt,
        Self::FailureCounts,
        Self::Failover,
    ];

    /// Its key in the JSON of an entry.
    #[must_use]
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::LastUsed => "lastUsed",
            Self::ErrorCount => "errorCount",
            Self::CooldownUntil => "cooldownUntil",
            Self::CooldownReason => "cooldownReason",
            Self::CooldownModel => "cooldownModel",
            Self::DisabledUntil => "disabledUntil",
            Self::DisabledReason => "disabledReason",
            Self::LastFailureAt => "lastFailureAt",
            Self::FailureCounts => "failureCounts",
            Self::Failover => "failover",
        }
    }
}

impl UsageStats {
    pub(crate) fn slot(&mut self, field: Field) -> Slot<'_> {
        match field {
            Field::LastUsed => Slot::Time(&mut self.last_used),
            Field::ErrorCount => Slot::Number(&mut self.error_count),
            Field::CooldownUntil => Slot::Time(&mut self.cooldown_until),
            Field::CooldownReason => Slot::Text(&mut self.cooldown_reason),
            Field::CooldownModel => Slot::Text(&mut self.cooldown_model),
            Field::DisabledUntil => Slot::Time(&mut self.disabled_until),
            Field::DisabledReason => Slot::Text(&mut self.disabled_reason),
            Field::LastFailureAt => Slot::Time(&mut self.last_failure_at),
            Field::FailureCounts => Slot::Counts(&mut self.failure_counts),
            Field::Failover => Slot::Failover(&mut self.failover),
        }
    }

    /// The entry after these changes, as its readers see it.
    #[must_use]
    pub(crate) fn after(mut self, changes: &[Change]) -> Self {
        for change in changes {
            match change {
                Change::Number(field, value) => {
                    if let Slot::Number(slot) = self.slot(*field) {
                        *slot = Some(*value);
                    }
                }
                Change::Time(field, time) => {
                    if let Slot::Time(slot) = self.slot(*field) {
                        *slot = Some(*time);
                    }
                }
                Change::Text(field, text) => {
                    if let Slot::Text(slot) = self.slot(*field) {
                        *slot = Some(text.clone());
                    }
                }
                Change::Drop(field) => match self.slot(*field) {
                    Slot::Number(slot) => *slot = None,
                    Slot::Time(slot) => *slot = None,
                    Slot::Text(slot) => *slot = None,
                    Slot::Counts(slot) => slot.clear(),
                    Slot::Failover(slot) => *slot = Failover::default(),
                },
                Change::ResetCounts => self.failure_counts.clear(),
                Change::Count(reason, count) => {
                    self.failure_counts.retain(|(name, _)| name != reason);
                    self.failure_counts.push((reason.clone(), *count));
                }
                Change::Failover(failover) => self.failover = failover.clone(),
            }
        }
        self
    }
}

/// Changes our own key beside what the changes say of it already.
pub(crate) fn with_failover(
    mut changes: Vec<Change>,
    stats: &UsageStats,
    change: impl FnOnce(&mut Failover),
) -> Vec<Change> {
    let given = changes.iter_mut().find_map(|change| match change {
        Change::Failover(failover) => Some(failover),
        _ => None,
    });
    if let Some(failover) = given {
        change(failover);
    } else {
        let mut failover = stats.failover.clone();
        change(&mut failover);
        changes.push(Change::Failover(failover));
    }
    changes
}
