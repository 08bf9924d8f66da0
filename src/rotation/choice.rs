//! The choice of the next profile of a provider, given the requests that are under way.
//!
//! Invariant: nobody is chosen inside its window, unless the caller wishes it; nobody twice for one request, unless the
//! endpoint alone kept him from answering and nobody else is left; after a window, and after the rest of an endpoint, one
//! request at a time finds out whether it is back.

use std::time::Duration;

use super::accounts::{Account, Accounts, eligible, is_ready};
use super::endpoint::ways::{InTheWay, Ways};
use super::force::may_be_asked_from;
use super::pool_document::{Pool, Reservation};
use super::request::{Request, Strategy};
use crate::profiles::stats::UsageStats;
use crate::time::WallMs;

/// Shorter windows end without a probe.
const SHORTEST_PROBED_WINDOW: Duration = Duration::from_secs(30);
/// A refusal comes at once; a probe without one for this long counts as accepted, however long its answer takes.
const SHORTEST_PROBE: Duration = Duration::from_secs(1);
const LONGEST_PROBE: Duration = Duration::from_secs(10);
/// How many times its probe a window is.
const PROBES_IN_WINDOW: u32 = 20;

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
        until: WallMs,
    },
    NoneLeft,
    /// Accounts are free, but the endpoint failed a moment ago: it rests or is tried out until then.
    EndpointRests {
        until: WallMs,
        is_tried_out: bool,
    },
    /// This request was refused by every profile a moment ago.
    Refused {
        until: WallMs,
    },
}

/// The first two rests of an endpoint, with their jitter. A longer one is told at once: the caller may have somebody else
/// to ask, and who waited through it would find the same fault.
const LONGEST_REST_WAITED_FOR: Duration = Duration::from_millis(600);

impl Choice {
    /// Whether a request that may wait until `deadline` waits for what stands in its way.
    #[must_use]
    pub(crate) fn is_waited_for(&self, now: WallMs, deadline: WallMs) -> bool {
        match self {
            Self::Wait { .. } => now < deadline,
            Self::EndpointRests { until, is_tried_out } => {
                let is_short = *is_tried_out || *until <= now + LONGEST_REST_WAITED_FOR;
                is_short && *until <= deadline
            }
            Self::Take { .. } | Self::NoneLeft | Self::Refused { .. } => false,
        }
    }
}

/// Chooses.
#[must_use]
pub(crate) fn choose(accounts: &Accounts, pool: &Pool, request: &Request, now: WallMs) -> Choice {
    let model = request.model.as_deref();
    let refused = request.key.and_then(|key| pool.refused_until(key, &request.provider, model));
    if let Some(until) = refused {
        return Choice::Refused { until };
    }
    let (free, again) = free(accounts, request, now);
    let mut ways = Ways::new(pool, request, now);
    if request.is_exhausted {
        // It is the caller's bound that ends it, unless the endpoint did.
        return ways.first_open(&again).map_or(Choice::NoneLeft, rests);
    }
    let open: Vec<&Account> = free.iter().copied().filter(|it| ways.is_open(it, true)).collect();
    let open_again: Vec<&Account> =
        again.iter().copied().filter(|it| ways.is_open(it, false)).collect();
    let is_open = !open.is_empty() || !open_again.is_empty();
    if is_open || (free.is_empty() && again.is_empty()) {
        let choice = account(accounts, pool, request, &open, &open_again, now);
        let forced = match &choice {
            Choice::Take { id, .. } if !is_open => accounts.list.iter().find(|it| it.id == *id),
            _ => None,
        };
        return forced.and_then(|it| ways.first_open(&[it])).map_or(choice, rests);
    }
    ways.first_open(&[free, again].concat()).map_or(Choice::NoneLeft, rests)
}

fn rests(InTheWay { until, is_tried_out }: InTheWay) -> Choice {
    Choice::EndpointRests { until, is_tried_out }
}

/// The profiles that may be asked, and those that may be asked again because the endpoint gave no answer.
fn free<'a>(
    accounts: &'a Accounts,
    request: &'a Request,
    now: WallMs,
) -> (Vec<&'a Account>, Vec<&'a Account>) {
    let may_ask = |account: &&Account| {
        let is_unanswered = request.unanswered.contains(&account.id);
        is_unanswered || !request.tried.contains(&account.id)
    };
    let ready = eligible(accounts, request).filter(may_ask);
    let ready = ready.filter(|account| is_ready(account, request, now));
    ready.partition(|account| !request.tried.contains(&account.id))
}

/// The choice as far as the accounts go.
fn account(
    accounts: &Accounts,
    pool: &Pool,
    request: &Request,
    free: &[&Account],
    again: &[&Account],
    now: WallMs,
) -> Choice {
    let model = request.model.as_deref();
    let free = if free.is_empty() { again } else { free };
    let (probed, free): (Vec<&Account>, Vec<&Account>) =
        free.iter().partition(|account| verdict_by(account, pool, model, now).is_some());
    if free.is_empty() {
        let ends = probed.iter().filter_map(|account| {
            Some((account.id.clone(), verdict_by(account, pool, model, now)?))
        });
        return ends
            .reduce(|first, other| if other.1 < first.1 { other } else { first })
            .map_or_else(
                || forced(accounts, pool, request, now),
                |(id, until)| Choice::Wait { id, until },
            );
    }
    let bound = bound_to(pool, request, accounts.is_explicit, now);
    let chosen = request
        .preferred
        .iter()
        .chain(&bound)
        .find_map(|id| free.iter().find(|account| account.id == *id).copied())
        .or_else(|| first(free, accounts.is_explicit, pool, request.strategy));
    chosen.map_or(Choice::NoneLeft, |account| Choice::Take {
        id: account.id.clone(),
        is_probe: ended(&account.stats, model, now)
            .any(|window| window.probe(&account.id, pool).is_none()),
    })
}

/// The resting profile that the caller insists on.
fn forced(accounts: &Accounts, pool: &Pool, request: &Request, now: WallMs) -> Choice {
    let is_due = |account: &&Account| {
        !request.tried.contains(&account.id)
            && may_be_asked_from(account, pool, request, now).is_some_and(|from| from <= now)
    };
    let due: Vec<&Account> = eligible(accounts, request).filter(is_due).collect();
    let preferred = due.iter().find(|account| request.preferred.as_ref() == Some(&account.id));
    let chosen =
        preferred.copied().or_else(|| first(due, accounts.is_explicit, pool, request.strategy));
    chosen.map_or(Choice::NoneLeft, |account| Choice::Take {
        id: account.id.clone(),
        is_probe: false,
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
            let used = |account: &Account| account.stats.last_used.unwrap_or_default();
            // A busy profile counts as used last.
            let busy = |account: &Account| pool.in_flight(&account.id);
            free.map(|account| (account, busy(account), used(account)))
                .min_by(|a, b| {
                    let by_kind = a.0.kind.cmp(&b.0.kind);
                    by_kind.then(a.1.cmp(&b.1)).then(a.2.total_cmp(b.2))
                })
                .map(|(account, ..)| account)
        }
    }
}

/// The profiles that a session stays with: its home, then the one it asks right now, then its stand-in. An explicit order
/// goes before it.
fn bound_to(pool: &Pool, request: &Request, is_explicit: bool, now: WallMs) -> Vec<String> {
    let is_bound = !is_explicit && request.strategy == Strategy::Balanced;
    let Some(key) = request.session.filter(|_| is_bound) else { return Vec::new() };
    let session = pool.sessions.get(key, &request.provider, now);
    let home = session.map(|session| session.home.as_str());
    let stand_in = session.and_then(|session| session.stand_in.as_deref());
    home.into_iter().chain(pool.asked_by(key)).chain(stand_in).map(str::to_owned).collect()
}

/// When another request's probe of this profile counts as accepted; `None` if there is no probe.
fn verdict_by(account: &Account, pool: &Pool, model: Option<&str>, now: WallMs) -> Option<WallMs> {
    let ends = ended(&account.stats, model, now).filter_map(|window| {
        let probe = window.probe(&account.id, pool)?;
        let patience = (window.length / PROBES_IN_WINDOW).clamp(SHORTEST_PROBE, LONGEST_PROBE);
        // Who was refused is waited for until others can read that.
        let refused = probe.refused_at.map(|at| at + LONGEST_PROBE);
        Some(refused.unwrap_or_default().later(probe.at + patience))
    });
    ends.filter(|by| now < *by).reduce(WallMs::later)
}

/// A window that has ended and is long enough to probe for.
struct Ended<'a> {
    until: WallMs,
    length: Duration,
    /// `None`: what rested for every model comes back for every model, so any of them finds out.
    model: Option<&'a str>,
}

impl Ended<'_> {
    /// The probe for this window. One for an earlier window may still be under way, if its answer takes long.
    fn probe<'p>(&self, id: &str, pool: &'p Pool) -> Option<&'p Reservation> {
        pool.probe(id, self.model, self.until)
    }
}

/// The windows that have ended without a verdict since: a success would have removed them, a failure moved their end.
fn ended<'a>(
    stats: &'a UsageStats,
    model: Option<&'a str>,
    now: WallMs,
) -> impl Iterator<Item = Ended<'a>> {
    let failed = stats.last_failure_at;
    let concerns =
        move |cooled: Option<&str>| cooled.is_none() || model.is_none() || cooled == model;
    let shown = stats.cooldown_model.as_deref();
    let models = &stats.failover.models;
    let is_listed = models.iter().any(|(name, _)| Some(name.as_str()) == shown);
    let is_stated = shown.is_none() && stats.failover.source.is_some();
    let cooldown = stats.cooldown_until.filter(|_| !is_listed);
    let others = usize::from(cooldown.is_some()) + usize::from(stats.disabled_until.is_some());
    // Of several nobody can tell which one the last failure began.
    let is_only = others + models.len() == 1;
    let cooldown = cooldown.map(|until| (shown, until, is_stated));
    let disabled = stats.disabled_until.map(|until| (None, until, false));
    let models = models
        .iter()
        .map(|(name, window)| (Some(name.as_str()), window.until, window.source.is_some()));
    cooldown
        .into_iter()
        .chain(disabled)
        .chain(models)
        .filter(move |(cooled, until, _)| {
            concerns(*cooled) && until.as_ms().is_finite() && *until <= now
        })
        .filter_map(move |(cooled, until, is_stated)| {
            let length = until.since(failed.filter(|failed| *failed < until)?);
            // Only a stated window can be a short one.
            let is_told = is_stated && is_only;
            let length = if is_told { length } else { length.max(SHORTEST_PROBED_WINDOW) };
            let is_long = length >= SHORTEST_PROBED_WINDOW;
            is_long.then_some(Ended { until, length, model: cooled })
        })
}

#[cfg(test)]
mod tests;
