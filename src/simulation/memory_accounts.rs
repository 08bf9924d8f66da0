//! The accounts of the simulated processes: one real document in memory, and each process's bookings that are not in it
//! yet.

use std::sync::{Arc, Mutex};

use super::sabotage::Sabotage;
use super::world::PROVIDER;
use crate::background::lock;
use crate::error::Result;
use crate::failure::{Class, Scope};
use crate::profiles::booking_rules::Policy;
use crate::profiles::stats::UsageStats;
use crate::rotation::account_store::{AccountStore, Receipt, Snapshot};
use crate::rotation::accounts::Accounts;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::run::{AttemptResult, Booking};
use crate::store::accounts::BookingRules;
use crate::store::accounts::bookings::{Bookings, Made, Target};
use crate::store::accounts::view::HeldAccounts;
use crate::store::document::text::Document;
use crate::store::edits::candidates::{self, OrderConfig};
use crate::store::edits::marks::Documents;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::UpdateOptions;
use crate::time::WallMs;

/// What all processes share.
#[derive(Debug)]
pub(crate) struct MemoryFile {
    documents: Documents,
    /// Which version it is.
    version: u64,
}

/// What one process sees.
#[derive(Debug)]
pub(crate) struct MemoryAccounts {
    file: Arc<Mutex<MemoryFile>>,
    sabotage: Sabotage,
    bookings: Arc<Bookings>,
    /// A sub-agent's own store, which has no account: it inherits all of them.
    own: Option<Mutex<Documents>>,
    /// Reading the document again and again is most of the work.
    seen: Mutex<Option<(u64, Arc<Accounts>)>>,
}

impl MemoryFile {
    pub(crate) fn new(documents: Documents) -> Self {
        Self { documents, version: 0 }
    }

    /// The entry as it stands in the document.
    pub(crate) fn entry(&self, id: &str) -> Option<&str> {
        self.documents.usage(id)
    }
}

impl MemoryAccounts {
    pub(crate) fn new(
        file: &Arc<Mutex<MemoryFile>>,
        is_sub_agent: bool,
        sabotage: Sabotage,
    ) -> Self {
        let (bookings, seen) = (Arc::default(), Mutex::default());
        let own = is_sub_agent.then(|| Mutex::new(empty()));
        Self { file: Arc::clone(file), sabotage, bookings, own, seen }
    }

    /// The documents as this process reads them.
    fn documents(&self, file: &MemoryFile) -> Documents {
        let Some(own) = &self.own else { return file.documents.clone() };
        Documents { own: lock(own).own.clone(), main: Some(file.documents.own.clone()) }
    }

    pub(crate) fn stats(&self, id: &str) -> UsageStats {
        let accounts = self.held(WallMs::default());
        let account = accounts.list.iter().find(|account| account.id == id);
        account.map(|account| account.stats.clone()).unwrap_or_default()
    }

    pub(crate) fn accounts(&self, now: WallMs) -> Arc<Accounts> {
        let mut accounts = self.held(now);
        if self.sabotage == Sabotage::IgnoreWindows {
            for account in Arc::make_mut(&mut accounts).list.iter_mut().map(Arc::make_mut) {
                account.stats.cooldown_until = None;
            }
        }
        accounts
    }

    fn held(&self, now: WallMs) -> Arc<Accounts> {
        let file = lock(&self.file);
        let known = lock(&self.seen).clone().filter(|(version, _)| *version == file.version);
        let read = || {
            let config = OrderConfig::default();
            Arc::new(candidates::accounts(&self.documents(&file), PROVIDER, &config, now))
        };
        let base = known.map_or_else(read, |(_, accounts)| accounts);
        *lock(&self.seen) = Some((file.version, Arc::clone(&base)));
        let pending = self.bookings.pending();
        if pending.is_empty() || self.sabotage == Sabotage::HoldNothing {
            return base;
        }
        let mut accounts = Accounts::clone(&base);
        pending.hold(&mut HeldAccounts { accounts: &mut accounts, documents: &file.documents });
        Arc::new(accounts)
    }

    /// One update: all that this process has booked is in the document.
    pub(crate) fn write(&self) {
        let file = &mut *lock(&self.file);
        match self.own.as_ref().filter(|_| self.sabotage == Sabotage::BookInOwn) {
            Some(own) => {
                let mut documents = self.documents(file);
                self.bookings.apply(&target(), &mut documents);
                lock(own).own = documents.own;
            }
            // An inherited account is booked where it lives.
            None => self.bookings.apply(&target(), &mut file.documents),
        }
        self.bookings.written();
        file.version += 1;
    }
}

fn empty() -> Documents {
    let own = Document::parse(br#"{"version":1,"profiles":{}}"#);
    Documents { own: own.expect("it is JSON"), main: None }
}

fn target() -> Target {
    let home = StorePaths { store: "p".into(), main: None, with_state: false };
    Target { home, options: UpdateOptions::default(), wait: std::time::Duration::ZERO }
}

impl AccountStore for MemoryAccounts {
    fn snapshot(&self, _provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(Moment(self.accounts(now))))
    }

    fn book(&self, mut booking: Booking, then: Box<dyn FnOnce() + Send>) -> Arc<dyn Receipt> {
        if let AttemptResult::Failed { report, .. } = &mut booking.result
            && let Some(facts) = &mut report.failure
            && self.sabotage == Sabotage::ForgetWaits
        {
            facts.resume_at = None;
        }
        if let AttemptResult::Failed { report, .. } = &mut booking.result
            && let Some(facts) = &mut report.failure
            && facts.scope == Some(Scope::Endpoint)
            && self.sabotage == Sabotage::RestAccounts
        {
            facts.class = Class::RateLimit;
            facts.scope = Some(Scope::Account);
        }
        let provider = PROVIDER.to_owned();
        let rules = BookingRules { provider, policy: Policy::Safe, ..BookingRules::default() };
        let made = Made::new(rules.mark(booking), target(), None, then);
        self.bookings.add(Arc::clone(&made));
        Arc::new(BookedMark { bookings: Arc::clone(&self.bookings), made })
    }
}

#[derive(Debug)]
struct BookedMark {
    bookings: Arc<Bookings>,
    made: Arc<Made>,
}

impl Receipt for BookedMark {
    fn take_back(&self, now: WallMs) {
        self.bookings.take_back(&self.made, now);
    }
}

struct Moment(Arc<Accounts>);

impl Snapshot for Moment {
    fn accounts(&self) -> &Accounts {
        &self.0
    }

    /// The simulation needs none.
    fn credential(&self, _id: &str) -> Option<AttemptCredential> {
        None
    }
}
