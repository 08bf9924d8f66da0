//! The accounts of a program as the loop sees them: who there is, is what the program says; where they stand, is what the
//! state says.

use std::sync::Arc;

use super::inline_logins::InlineLogins;
use super::state::Inline;
use crate::error::Result;
use crate::profiles::stats::UsageStats;
use crate::rotation::account_store::{AccountStore, Receipt, Snapshot};
use crate::rotation::accounts::{Account, Accounts};
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::login::login_store::LoginStore;
use crate::rotation::run::Booking;
use crate::time::WallMs;

#[derive(Debug)]
pub(crate) struct InlineAccounts<State> {
    pub inline: Arc<Inline>,
    pub state: State,
}

impl<State: AccountStore> AccountStore for InlineAccounts<State> {
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>> {
        // A file that was removed or broken meanwhile is no reason to refuse a request.
        let known = self.state.snapshot(provider, now).ok();
        let listed = known.as_ref().map(|known| known.accounts().clone()).unwrap_or_default();
        let accounts = self.with_missing(listed);
        Ok(Box::new(Given { accounts, known, inline: Arc::clone(&self.inline) }))
    }

    fn book(&self, booking: Booking, then: Box<dyn FnOnce() + Send>) -> Arc<dyn Receipt> {
        self.state.book(booking, then)
    }

    fn gave(&self, id: &str, _entry: &str) {
        // The state knows it by what is written of it.
        if let Some(profile) = self.inline.profile(id) {
            self.state.gave(id, &profile.entry());
        }
    }

    fn logins(&self) -> Option<Arc<dyn LoginStore>> {
        Some(Arc::new(InlineLogins { inline: Arc::clone(&self.inline) }))
    }
}

impl<State> InlineAccounts<State> {
    /// With those that the state does not know yet. An explicit order leaves out whom it does not name.
    fn with_missing(&self, mut listed: Accounts) -> Accounts {
        if listed.is_explicit || listed.list.len() >= self.inline.profiles.len() {
            return listed;
        }
        self.inline.must_prepare();
        for profile in &self.inline.profiles {
            if listed.list.iter().all(|account| account.id != profile.id) {
                let (id, kind) = (profile.id.clone(), profile.kind);
                let account = Account { id, kind, stats: UsageStats::default(), unusable: None };
                listed.list.push(Arc::new(account));
            }
        }
        listed
    }
}

struct Given {
    accounts: Accounts,
    known: Option<Box<dyn Snapshot>>,
    inline: Arc<Inline>,
}

impl Snapshot for Given {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn credential(&self, id: &str) -> Option<AttemptCredential> {
        if let Some(known) = &self.known {
            // The state notes whose credential was given out.
            let _ = known.credential(id);
        }
        let profile = self.inline.profiles.iter().find(|profile| profile.id == id)?;
        Some(profile.to_ask())
    }
}
