//! Who is asked next: the choice among one provider's profiles, with what other requests do at this moment.
//!
//! Invariant: nobody is chosen inside its window or twice for one request, and after a window one request at a time
//! finds out whether the account is back.

use super::pool::{Pool, Reservation};
use crate::profiles::credential::Unusable;
use crate::profiles::order::Kind;
use crate::profiles::stats::UsageStats;
use crate::profiles::status::{State, status};

/// Shorter windows end without ceremony.
const SHORTEST_PROBED_WINDOW_MS: f64 = 30_000.0;
/// A refusal comes at once; a probe without one for this long counts as accepted, however long its answer takes.
const SHORTEST_PROBE_MS: f64 = 1_000.0;
const LONGEST_PROBE_MS: f64 = 10_000.0;
/// The probe's share of its window.
const PROBE_SHARE: f64 = 0.05;

/// How the next profile is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// An explicit order is priority; without one, by type and then who is least busy and was used longest ago.
    #[default]
    Balanced,
    /// The first that is free, always: the explicit order, else by type and then as listed.
    Priority,
    /// The preferred profile or nobody.
    Pinned,
}

/// A profile that belongs to the provider.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub id: String,
    pub kind: Kind,
    pub stats: UsageStats,
    pub unusable: Option<Unusable>,
}

/// All profiles of a provider, in the order of the explicit list or of the store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    pub list: Vec<Account>,
    pub is_explicit: bool,
}

/// What one request asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    /// Normalized.
    pub provider: String,
    pub model: Option<String>,
    pub preferred: Option<String>,
    pub strategy: Strategy,
    pub session: Option<u64>,
    pub request: Option<u64>,
    /// Who was asked already.
    pub tried: Vec<String>,
    /// Nobody else may be asked for this request.
    pub is_exhausted: bool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Choice {
    Take {
        id: String,
        is_probe: bool,
    },
    /// The only ones left are being probed; look again soon, at the latest then.
    Wait {
        id: String,
        until: f64,
    },
    Nobody,
    /// This very request was refused by everybody a moment ago.
    Refused {
        until: f64,
    },
}

/// Where one profile stands for this request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub id: String,
    pub state: State,
    /// When it is free; `None` if time will not help.
    pub until: Option<f64>,
    pub reason: Option<String>,
    pub was_tried: bool,
}

/// Where all profiles stand, in order.
#[must_use]
pub(crate) fn standings(accounts: &Accounts, wish: &Wish, now: f64) -> Vec<Standing> {
    meant(accounts, wish).map(|account| standing(account, wish, now)).collect()
}

fn meant<'a>(accounts: &'a Accounts, wish: &'a Wish) -> impl Iterator<Item = &'a Account> {
    accounts.list.iter().filter(|account| {
        wish.strategy != Strategy::Pinned || wish.preferred.as_ref() == Some(&account.id)
    })
}

fn standing(account: &Account, wish: &Wish, now: f64) -> Standing {
    let status = status(&account.stats, account.unusable, wish.model.as_deref(), now);
    Standing {
        id: account.id.clone(),
        state: status.state,
        until: if status.state == State::Ready { Some(now) } else { status.until },
        reason: status.reason,
        was_tried: wish.tried.contains(&account.id),
    }
}

/// The profile that is free first, and when.
#[must_use]
pub(crate) fn next_free(standings: &[Standing]) -> Option<(&str, f64)> {
    standings
        .iter()
        .filter_map(|standing| Some((standing.id.as_str(), standing.until?)))
        .reduce(|first, other| if other.1 < first.1 { other } else { first })
}

/// Chooses.
#[must_use]
pub(crate) fn choose(accounts: &Accounts, pool: &Pool, wish: &Wish, now: f64) -> Choice {
    let model = wish.model.as_deref();
    let refused = wish.request.and_then(|key| pool.refused_until(key, &wish.provider, model));
    if let Some(until) = refused {
        return Choice::Refused { until };
    }
    if wish.is_exhausted {
        return Choice::Nobody;
    }
    let is_free = |account: &&Account| {
        let standing = standing(account, wish, now);
        standing.state == State::Ready && !standing.was_tried
    };
    let (probed, free): (Vec<&Account>, Vec<&Account>) = meant(accounts, wish)
        .filter(is_free)
        .partition(|account| verdict_by(account, pool, model, now).is_some());
    if free.is_empty() {
        let ends = probed.iter().filter_map(|account| {
            Some((account.id.clone(), verdict_by(account, pool, model, now)?))
        });
        return ends
            .reduce(|first, other| if other.1 < first.1 { other } else { first })
            .map_or(Choice::Nobody, |(id, until)| Choice::Wait { id, until });
    }
    let bound = bound_to(pool, wish, accounts.is_explicit);
    let chosen = wish
        .preferred
        .iter()
        .chain(&bound)
        .find_map(|id| free.iter().find(|account| account.id == *id).copied())
        .or_else(|| first(free, accounts.is_explicit, pool, wish.strategy));
    chosen.map_or(Choice::Nobody, |account| Choice::Take {
        id: account.id.clone(),
        is_probe: ended(&account.stats, model, now)
            .any(|window| window.probe(&account.id, pool, model).is_none()),
    })
}

fn first<'a>(
    free: Vec<&'a Account>,
    is_explicit: bool,
    pool: &Pool,
    strategy: Strategy,
) -> Option<&'a Account> {
    // `min_by` keeps the first of equals, so the order given decides between them.
    let mut free = free.into_iter();
    match (is_explicit, strategy) {
        (true, _) | (_, Strategy::Pinned) => free.next(),
        (false, Strategy::Priority) => free.min_by_key(|account| account.kind),
        (false, Strategy::Balanced) => {
            let used = |account: &Account| account.stats.last_used.unwrap_or(0.0);
            // Who is being used now was used last of all.
            let busy = |account: &Account| pool.in_flight(&account.id);
            free.map(|account| (account, busy(account), used(account)))
                .min_by(|a, b| {
                    let by_kind = a.0.kind.cmp(&b.0.kind);
                    by_kind.then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2))
                })
                .map(|(account, ..)| account)
        }
    }
}

/// Whom the session stays with: its home first. An explicit order is the owner's word and goes before it.
fn bound_to(pool: &Pool, wish: &Wish, is_explicit: bool) -> Vec<String> {
    let session = wish.session.filter(|_| !is_explicit && wish.strategy == Strategy::Balanced);
    let session = session.and_then(|key| pool.session(key, &wish.provider));
    session
        .map(|session| {
            std::iter::once(session.home.clone()).chain(session.stand_in.clone()).collect()
        })
        .unwrap_or_default()
}

/// Whether the session's home may serve it again one day.
#[must_use]
pub(crate) fn is_home_usable(accounts: &Accounts, home: &str) -> bool {
    accounts.list.iter().any(|account| account.id == home && account.unusable.is_none())
}

/// When another request's probe of this profile counts as accepted; `None` if nobody probes it.
fn verdict_by(account: &Account, pool: &Pool, model: Option<&str>, now: f64) -> Option<f64> {
    let ends = ended(&account.stats, model, now).filter_map(|window| {
        let probe = window.probe(&account.id, pool, model)?;
        Some(probe.at + (window.length * PROBE_SHARE).clamp(SHORTEST_PROBE_MS, LONGEST_PROBE_MS))
    });
    ends.filter(|by| now < *by).reduce(f64::max)
}

/// A window that has ended and is long enough to probe for.
struct Ended {
    until: f64,
    length: f64,
    is_accounts: bool,
}

impl Ended {
    /// Who probes for it. A probe for an earlier window may still be under way: its answer takes long.
    fn probe<'a>(&self, id: &str, pool: &'a Pool, model: Option<&str>) -> Option<&'a Reservation> {
        // What rested for every model comes back for every model: any of them finds out.
        pool.probe(id, model.filter(|_| !self.is_accounts), self.until)
    }
}

/// The windows that have ended without a verdict since: a success would have removed them, a failure moved their end.
fn ended(stats: &UsageStats, model: Option<&str>, now: f64) -> impl Iterator<Item = Ended> {
    let failed = stats.last_failure_at;
    let concerns =
        move |cooled: Option<&str>| cooled.is_none() || model.is_none() || cooled == model;
    let shown = stats.cooldown_model.as_deref();
    let models = &stats.failover.models;
    let is_listed = models.iter().any(|(name, _)| Some(name.as_str()) == shown);
    let is_stated = shown.is_none() && stats.failover.source.is_some();
    let cooldown = stats.cooldown_until.filter(|_| !is_listed);
    let cooldown = cooldown.map(|until| (shown, until, is_stated));
    let disabled = stats.disabled_until.map(|until| (None, until, false));
    let models = models
        .iter()
        .map(|(name, window)| (Some(name.as_str()), window.until, window.source.is_some()));
    cooldown
        .into_iter()
        .chain(disabled)
        .chain(models)
        .filter(move |(cooled, until, _)| concerns(*cooled) && until.is_finite() && *until <= now)
        .filter_map(move |(cooled, until, is_stated)| {
            let length = until - failed.filter(|failed| *failed < until)?;
            // A failure elsewhere may be later than the one that began it; only a stated window can be a short one.
            let length = if is_stated { length } else { length.max(SHORTEST_PROBED_WINDOW_MS) };
            let is_long = length >= SHORTEST_PROBED_WINDOW_MS;
            is_long.then_some(Ended { until, length, is_accounts: cooled.is_none() })
        })
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;
