//! One provider's accounts, and where each of them stands for a request.

use std::sync::Arc;

use super::request::{Request, Strategy};
use crate::profiles::credential::Unusable;
use crate::profiles::order::Kind;
use crate::profiles::stats::UsageStats;
use crate::profiles::status::{State, status};
use crate::time::WallMs;

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
    pub list: Vec<Arc<Account>>,
    pub is_explicit: bool,
}

impl Accounts {
    /// Whether a session's home profile still exists and has a usable credential.
    #[must_use]
    pub(crate) fn can_serve(&self, home: &str) -> bool {
        self.list.iter().any(|account| account.id == home && account.unusable.is_none())
    }
}

/// Where one profile stands for this request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub id: String,
    pub state: State,
    /// When it is free; `None` if time will not help.
    pub until: Option<WallMs>,
    pub reason: Option<String>,
    pub was_tried: bool,
}

/// Where all profiles stand, in order.
pub(crate) fn standings<'a>(
    accounts: &'a Accounts,
    request: &'a Request,
    now: WallMs,
) -> impl Iterator<Item = Standing> + use<'a> {
    eligible(accounts, request).map(move |account| standing(account, request, now))
}

/// Whether a profile has a credential and no window that concerns this request.
pub(super) fn is_ready(account: &Account, request: &Request, now: WallMs) -> bool {
    let model = request.model.as_deref();
    status(&account.stats, account.unusable, model, now).state == State::Ready
}

/// Those that the strategy lets the request ask.
pub(super) fn eligible<'a>(
    accounts: &'a Accounts,
    request: &'a Request,
) -> impl Iterator<Item = &'a Account> {
    accounts.list.iter().map(Arc::as_ref).filter(|account| {
        request.strategy != Strategy::Pinned || request.preferred.as_ref() == Some(&account.id)
    })
}

pub(super) fn standing(account: &Account, request: &Request, now: WallMs) -> Standing {
    let status = status(&account.stats, account.unusable, request.model.as_deref(), now);
    Standing {
        id: account.id.clone(),
        state: status.state,
        until: if status.state == State::Ready { Some(now) } else { status.until },
        reason: status.reason,
        was_tried: request.tried.contains(&account.id),
    }
}

/// The profile that is free first, and when.
#[must_use]
pub(crate) fn next_free(standings: &[Standing]) -> Option<(&str, WallMs)> {
    standings
        .iter()
        .filter_map(|standing| Some((standing.id.as_str(), standing.until?)))
        .reduce(|first, other| if other.1 < first.1 { other } else { first })
}
