//! The accounts of the simulated processes: a real document and real marks, in memory.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::world::{PROVIDER, Sabotage};
use crate::background::lock;
use crate::error::Result;
use crate::profiles::booking_rules::Policy;
use crate::profiles::stats::UsageStats;
use crate::rotation::account_store::{AccountStore, Booked, Pending, Snapshot};
use crate::rotation::accounts::Accounts;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::run::{AttemptResult, Booking, Change};
use crate::store::accounts::{BookingRules, restore};
use crate::store::edits::candidates::{self, OrderConfig};
use crate::store::edits::marks::{Documents, Mark};
use crate::time::WallMs;

#[derive(Debug)]
pub(crate) struct MemoryAccounts {
    sabotage: Sabotage,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    documents: Documents,
    /// What the document tells; reading it again and again is most of the work.
    accounts: Option<Arc<Accounts>>,
}

impl MemoryAccounts {
    pub(crate) fn new(documents: Documents, sabotage: Sabotage) -> Self {
        Self { sabotage, state: Mutex::new(State { documents, accounts: None }) }
    }

    pub(crate) fn stats(&self, id: &str) -> UsageStats {
        lock(&self.state).documents.stats(id)
    }

    /// The entry as it stands in the document.
    pub(crate) fn entry(&self, id: &str) -> Option<String> {
        lock(&self.state).documents.usage(id).map(str::to_owned)
    }

    pub(crate) fn accounts(&self, now: WallMs) -> Arc<Accounts> {
        let state = &mut *lock(&self.state);
        let accounts = state.accounts.get_or_insert_with(|| {
            let config = OrderConfig::default();
            let mut accounts = candidates::accounts(&state.documents, PROVIDER, &config, now);
            if self.sabotage == Sabotage::IgnoreWindows {
                accounts.list.iter_mut().for_each(|account| account.stats.cooldown_until = None);
            }
            Arc::new(accounts)
        });
        Arc::clone(accounts)
    }

    fn write(&self, mark: &Mark) -> bool {
        let state = &mut *lock(&self.state);
        state.accounts = None;
        mark.apply(&mut state.documents).is_ok()
    }
}

impl AccountStore for MemoryAccounts {
    fn snapshot(&self, _provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(Moment(self.accounts(now))))
    }

    fn book(&self, mut booking: Booking) -> Pending<Booked> {
        if let AttemptResult::Failed { report, .. } = &mut booking.result
            && let Some(facts) = &mut report.failure
            && self.sabotage == Sabotage::ForgetWaits
        {
            facts.resume_at = None;
        }
        let provider = PROVIDER.to_owned();
        let rules = BookingRules { provider, policy: Policy::Safe, ..BookingRules::default() };
        let profile = booking.profile.clone();
        let before = self.stats(&profile);
        let is_written = self.write(&rules.mark(booking));
        let after = self.stats(&profile);
        let change = Some(Change { profile, before, after });
        Box::pin(std::future::ready(Booked { result: Ok(is_written), change }))
    }

    fn take_back(&self, changes: Vec<Change>, now: WallMs) -> Pending<()> {
        if self.sabotage != Sabotage::NoRestore {
            for change in changes {
                self.write(&restore(change, now));
            }
        }
        Box::pin(std::future::ready(()))
    }
}

struct Moment(Arc<Accounts>);

impl Snapshot for Moment {
    fn accounts(&self) -> &Accounts {
        &self.0
    }

    /// Nobody here looks at one.
    fn credential(&self, _id: &str) -> Option<AttemptCredential> {
        None
    }
}

/// The answer of what is done at once.
pub(crate) fn done<T>(mut pending: Pending<T>) -> T {
    match pending.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("nothing waits in memory"),
    }
}
