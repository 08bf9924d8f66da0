//! A provider's accounts as the loop sees them: read once, brought up to date where somebody's usage has changed, with
//! the bookings that are not in the file yet.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex};

use super::bookings::Pending;
use crate::background::lock;
use crate::profiles::stats::{Change, UsageStats};
use crate::rotation::accounts::{Account, Accounts};
use crate::store::edits::candidates::{self, OrderConfig};
use crate::store::edits::fingerprint::fingerprint;
use crate::store::edits::marks::{Documents, MarkedStore};
use crate::store::file::paths::StorePaths;
use crate::store::file::seen::Seen;
use crate::time::WallMs;

/// More than one process asks of; all are forgotten then.
const MOST_VIEWS: usize = 64;

/// Whose accounts, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    paths: StorePaths,
    provider: String,
    config: OrderConfig,
}

/// The accounts at a version of the file.
#[derive(Debug, Clone)]
struct View {
    version: u64,
    accounts: Accounts,
    /// A credential that expires then changes what can be used.
    valid_until: Option<WallMs>,
    held: Held,
}

/// The accounts with the bookings that are not in the file yet, for as long as neither changes.
#[derive(Debug, Clone, Default)]
struct Held {
    bookings: Vec<u64>,
    accounts: Option<Accounts>,
}

static VIEWS: LazyLock<Mutex<HashMap<Key, View>>> = LazyLock::new(Mutex::default);

/// The accounts in these documents, with what is booked and not in them.
pub(crate) fn held_accounts(
    (paths, provider, config): (&StorePaths, &str, &OrderConfig),
    seen: &Seen,
    pending: &[Pending],
    now: WallMs,
) -> Accounts {
    let (paths, provider, config) = (paths.clone(), provider.to_owned(), config.clone());
    let key = Key { paths, provider, config };
    // Taken out meanwhile: a copy of thousands of accounts costs more than what is done with it.
    let known = lock(&VIEWS).remove(&key);
    let view = known.and_then(|view| view.updated(seen, now));
    let mut view = view.unwrap_or_else(|| View::read(seen, &key, now));
    let accounts = view.hold(seen, pending);
    let mut views = lock(&VIEWS);
    if views.len() >= MOST_VIEWS && !views.contains_key(&key) {
        views.clear();
    }
    if views.get(&key).is_none_or(|known| known.version <= view.version) {
        views.insert(key, view);
    }
    accounts
}

impl View {
    fn read(seen: &Seen, key: &Key, now: WallMs) -> Self {
        let documents = &seen.documents;
        let accounts = candidates::accounts(documents, &key.provider, &key.config, now);
        let valid_until = candidates::next_expiry(documents, now);
        Self { version: seen.version, accounts, valid_until, held: Held::default() }
    }

    /// The view of a later version; `None` if it has to be read again.
    fn updated(mut self, seen: &Seen, now: WallMs) -> Option<Self> {
        if self.version > seen.version || self.valid_until.is_some_and(|until| now >= until) {
            return None;
        }
        if self.version == seen.version {
            return Some(self);
        }
        self.held = Held::default();
        for id in seen.changed_since(self.version)? {
            if let Some(account) = find(&mut self.accounts.list, id) {
                let stats = seen.documents.account_stats(id);
                if stats.failover.paused.is_some() != account.stats.failover.paused.is_some() {
                    // Whether it can be used at all is another question now.
                    return None;
                }
                account.stats = stats;
            }
        }
        self.version = seen.version;
        Some(self)
    }

    /// Many requests that choose together meet the same bookings.
    fn hold(&mut self, seen: &Seen, pending: &[Pending]) -> Accounts {
        let bookings: Vec<_> = pending.iter().map(Pending::version).collect();
        if let Some(accounts) = &self.held.accounts
            && self.held.bookings == bookings
        {
            return accounts.clone();
        }
        let mut accounts = self.accounts.clone();
        let mut held = HeldAccounts { accounts: &mut accounts, documents: &seen.documents };
        for pending in pending {
            pending.hold(&mut held);
        }
        self.held = Held { bookings, accounts: Some(accounts.clone()) };
        accounts
    }
}

fn find<'a>(list: &'a mut [Arc<Account>], id: &str) -> Option<&'a mut Account> {
    list.iter_mut().find(|account| account.id == id).map(Arc::make_mut)
}

/// Accounts that marks are held in. What a mark does to other entries than an account's is of no matter here.
#[derive(Debug)]
pub(crate) struct HeldAccounts<'a> {
    pub accounts: &'a mut Accounts,
    pub documents: &'a Documents,
}

impl MarkedStore for HeldAccounts<'_> {
    type Error = Infallible;

    fn provider(&self, id: &str) -> Option<String> {
        self.documents.provider(id)
    }

    fn usage_stats(&self, id: &str) -> Option<UsageStats> {
        let account = self.accounts.list.iter().find(|account| account.id == id)?;
        Some(account.stats.clone())
    }

    fn change_usage(&mut self, id: &str, changes: &[Change]) -> Result<(), Infallible> {
        if let Some(account) = find(&mut self.accounts.list, id) {
            account.stats = std::mem::take(&mut account.stats).after(changes);
        }
        Ok(())
    }

    fn set_last_good(&mut self, _provider: &str, _id: &str) -> Result<(), Infallible> {
        Ok(())
    }

    fn fingerprint(&self, id: &str) -> Option<String> {
        fingerprint(self.documents.profile_text(id)?.0)
    }
}
