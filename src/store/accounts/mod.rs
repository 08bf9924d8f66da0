//! The accounts of a store file, as the loop needs them.
//!
//! Invariant: a booking holds for whoever reads after it has ended: in the file or, where that cannot be written, in
//! this process.

mod unwritten;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::unwritten::CatchUp;
use crate::background::lock;
use crate::error::{Error, Result};
use crate::profiles::booking_rules::Policy;
use crate::profiles::cooldown::{CooldownSettings, Ladder};
use crate::rotation::account_store::{AccountStore, Booked, Pending, Snapshot};
use crate::rotation::accounts::Accounts;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::run::{AttemptResult, Booking, Change};
use crate::store::edits::candidates::{self, OrderConfig};
use crate::store::edits::marks::{Applied, Documents, Event, FailureEvent, Mark, Restored};
use crate::store::file::commit;
use crate::store::file::files::Disk;
use crate::store::file::paths::StorePaths;
use crate::store::file::read;
use crate::store::file::update::UpdateOptions;
use crate::time::WallMs;

/// How long a booking waits for a lock that an earlier one of the same run did not get.
const SHORT_WAIT: Duration = Duration::from_millis(50);

/// How failures become cooldowns.
#[derive(Debug, Clone, Default)]
pub(crate) struct BookingRules {
    /// As the caller wrote it.
    pub provider: String,
    pub cooldowns: CooldownSettings,
    pub policy: Policy,
    pub ladder: Ladder,
}

impl BookingRules {
    /// The mark that a booking is written as.
    #[must_use]
    pub(crate) fn mark(&self, booking: Booking) -> Mark {
        let event = match booking.result {
            AttemptResult::Answered(success) => {
                Event::Success { provider: self.provider.clone(), success }
            }
            AttemptResult::Failed { report, stretch } => Event::Failure(Box::new(FailureEvent {
                report: *report,
                settings: self.cooldowns.clone(),
                policy: self.policy,
                ladder: self.ladder,
                stretch,
            })),
        };
        Mark { profile_id: booking.profile, event, now: booking.now }
    }
}

/// The mark that takes a booking back.
#[must_use]
pub(crate) fn restore(change: Change, now: WallMs) -> Mark {
    let Change { profile, before, after } = change;
    let event = Event::Restore(Box::new(Restored { before, after }));
    Mark { profile_id: profile, event, now }
}

/// One run's view of a store file.
#[derive(Debug)]
pub(crate) struct FileAccounts {
    pub paths: StorePaths,
    pub config: OrderConfig,
    pub rules: BookingRules,
    pub update: UpdateOptions,
    /// The longest wait for the store's lock.
    pub wait: Duration,
    /// Whoever keeps the lock keeps it: the next account is not to wait as long again.
    pub is_stuck: Arc<AtomicBool>,
    /// The profiles that are the main agent's, as last read.
    pub inherited: Arc<Mutex<HashSet<String>>>,
}

impl FileAccounts {
    /// Where a profile is booked: in the store that its credential lives in, so that all who share it see it.
    fn home(&self, profile: &str) -> StorePaths {
        let main = self.paths.of_main().filter(|_| lock(&self.inherited).contains(profile));
        main.unwrap_or_else(|| self.paths.clone())
    }

    fn wait(&self) -> Duration {
        if self.is_stuck.load(Ordering::Relaxed) { self.wait.min(SHORT_WAIT) } else { self.wait }
    }
}

impl AccountStore for FileAccounts {
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>> {
        let mut documents = read::load_documents(&Disk, &self.paths)?;
        unwritten::hold_all(&mut documents, &self.paths.store);
        if let Some(main) = &self.paths.main {
            documents.in_main(|documents| unwritten::hold_all(documents, main));
            *lock(&self.inherited) = documents.inherited().map(str::to_owned).collect();
        }
        Ok(Box::new(DocumentAccounts::read(documents, provider, &self.config, now)))
    }

    fn book(&self, booking: Booking) -> Pending<Booked> {
        let mark = self.rules.mark(booking);
        let change = Arc::new(Mutex::new(None));
        let (seen, edit) = (Arc::clone(&change), mark.clone());
        let home = self.home(&mark.profile_id);
        let store = home.store.clone();
        let late = CatchUp::begin(&store).map(Arc::new);
        let late_edit = late.clone();
        let edit = Box::new(move |documents: &mut Documents| {
            if let Some(late) = &late_edit {
                late.apply(documents);
            }
            let before = documents.stats(&edit.profile_id);
            let applied = edit.apply(documents);
            let (profile, after) = (edit.profile_id.clone(), documents.stats(&edit.profile_id));
            *lock(&seen) = Some(Change { profile, before, after });
            applied
        });
        let written = commit::submit(home, self.update, self.wait(), edit);
        let is_stuck = Arc::clone(&self.is_stuck);
        Box::pin(async move {
            let outcome = written.await;
            if let Some(late) = late {
                late.end(outcome.is_ok());
            }
            if let Err(error) = &outcome {
                is_stuck.fetch_or(matches!(**error, Error::LockTimeout { .. }), Ordering::Relaxed);
                unwritten::keep(&store, mark);
            }
            let result = outcome.map(|outcome| outcome.applied.is_ok());
            Booked { result, change: lock(&change).take() }
        })
    }

    fn take_back(&self, changes: Vec<Change>, now: WallMs) -> Pending<()> {
        let mut by_home: HashMap<StorePaths, Vec<Mark>> = HashMap::new();
        for change in changes {
            by_home.entry(self.home(&change.profile)).or_default().push(restore(change, now));
        }
        let submit = |(home, marks): (StorePaths, Vec<Mark>)| {
            let edit = Box::new(move |documents: &mut Documents| {
                let applied: Vec<_> = marks.iter().map(|mark| mark.apply(documents)).collect();
                applied.into_iter().next().unwrap_or(Ok(Applied::default()))
            });
            commit::submit(home, self.update, self.wait(), edit)
        };
        let written: Vec<_> = by_home.into_iter().map(submit).collect();
        Box::pin(async move {
            for written in written {
                // A window that could not be taken back ends by itself.
                drop(written.await);
            }
        })
    }
}

/// The accounts of one provider in a document.
#[derive(Debug)]
pub(crate) struct DocumentAccounts {
    documents: Documents,
    accounts: Accounts,
}

impl DocumentAccounts {
    fn read(documents: Documents, provider: &str, config: &OrderConfig, now: WallMs) -> Self {
        let accounts = candidates::accounts(&documents, provider, config, now);
        Self { documents, accounts }
    }
}

impl Snapshot for DocumentAccounts {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn credential(&self, id: &str) -> Option<AttemptCredential> {
        let account = self.accounts.list.iter().find(|account| account.id == id)?;
        let (text, _) = self.documents.profile_text(id)?;
        Some(AttemptCredential::parse(text, account.kind))
    }
}
