//! A store in memory: the documents that a file would hold.

use std::sync::{Arc, Mutex};

use crate::background::lock;
use crate::error::Result;
use crate::rotation::account_store::{AccountStore, Receipt, Snapshot};
use crate::rotation::accounts::Accounts;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::run::Booking;
use crate::store::accounts::BookingRules;
use crate::store::document::text::Document;
use crate::store::edits::candidates::{self, OrderConfig};
use crate::store::edits::marks::{Documents, Event, Mark, Restored};
use crate::time::WallMs;

#[derive(Debug)]
pub(crate) struct Memory(Mutex<Documents>);

impl Memory {
    #[must_use]
    pub(crate) fn new() -> Arc<Self> {
        let own = Document::parse(br#"{"version":1,"profiles":{}}"#);
        let own = own.expect("the text of an empty store is one");
        Arc::new(Self(Mutex::new(Documents { own, main: None })))
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Documents) -> T) -> T {
        work(&mut lock(&self.0))
    }
}

/// One run's view of it.
#[derive(Debug)]
pub(crate) struct MemoryAccounts {
    pub memory: Arc<Memory>,
    pub config: OrderConfig,
    pub rules: BookingRules,
}

impl AccountStore for MemoryAccounts {
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>> {
        let read = |documents: &mut Documents| {
            candidates::accounts(documents, provider, &self.config, now)
        };
        Ok(Box::new(Seen(self.memory.with(read))))
    }

    fn book(&self, booking: Booking, then: Box<dyn FnOnce() + Send>) -> Arc<dyn Receipt> {
        let mark = self.rules.mark(booking);
        let profile = mark.profile_id.clone();
        let change = self.memory.with(|documents| {
            let before = documents.stats(&profile);
            // The profile may have been removed.
            mark.apply(documents).ok()?;
            Some(Restored { before, after: documents.stats(&profile) })
        });
        then();
        Arc::new(Booked { memory: Arc::clone(&self.memory), profile, change: Mutex::new(change) })
    }
}

#[derive(Debug)]
struct Seen(Accounts);

impl Snapshot for Seen {
    fn accounts(&self) -> &Accounts {
        &self.0
    }

    fn credential(&self, _id: &str) -> Option<AttemptCredential> {
        // Whoever gave the accounts has them.
        None
    }
}

#[derive(Debug)]
struct Booked {
    memory: Arc<Memory>,
    profile: String,
    change: Mutex<Option<Restored>>,
}

impl Receipt for Booked {
    fn take_back(&self, now: WallMs) {
        let Some(change) = lock(&self.change).take() else { return };
        let event = Event::Restore(Box::new(change));
        let mark = Mark { profile_id: self.profile.clone(), event, now };
        let _ = self.memory.with(|documents| mark.apply(documents));
    }
}
