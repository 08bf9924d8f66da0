//! Asking an account inside its window because the caller insists. Only for windows that the owner can end: they may have
//! paid or signed in elsewhere, which would go unnoticed until the window is over.
//!
//! Invariant: limits and quotas are never overridden, and an account gets at most one such request a minute.

use super::accounts::{self, Account, Accounts, Standing, eligible};
use super::pool_document::{FORCE_SPACING, Pool};
use super::request::Request;
use crate::profiles::status::status;
use crate::time::WallMs;

/// What an owner can put right at any time.
const REASONS: [&str; 3] = ["billing", "auth", "auth_permanent"];

/// From when on the request may be sent to an account that rests; `None` if it may not.
pub(super) fn may_be_asked_from(
    account: &Account,
    pool: &Pool,
    request: &Request,
    now: WallMs,
) -> Option<WallMs> {
    if !request.may_force() || !is_owners_matter(account, request.model.as_deref(), now) {
        return None;
    }
    Some(pool.forced_at(&account.id).map_or(now, |at| at + FORCE_SPACING))
}

/// Where all profiles stand, in order. Who may be asked by force is free from then on.
pub(crate) fn standings<'a>(
    accounts: &'a Accounts,
    pool: &'a Pool,
    request: &'a Request,
    now: WallMs,
) -> impl Iterator<Item = Standing> + use<'a> {
    let sooner = move |(account, standing): (&Account, Standing)| {
        let from = may_be_asked_from(account, pool, request, now);
        let until = standing.until.map(|until| from.map_or(until, |from| until.earlier(from)));
        Standing { until, ..standing }
    };
    eligible(accounts, request).zip(accounts::standings(accounts, request, now)).map(sooner)
}

/// Whether the account rests, and for nothing else.
fn is_owners_matter(account: &Account, model: Option<&str>, now: WallMs) -> bool {
    let status = status(&account.stats, account.unusable, model, now);
    let mut windows = status.windows.iter().filter(|window| window.concerns(model)).peekable();
    account.unusable.is_none()
        && windows.peek().is_some()
        && windows.all(|window| window.reason.as_deref().is_some_and(|it| REASONS.contains(&it)))
}

#[cfg(test)]
mod tests;
