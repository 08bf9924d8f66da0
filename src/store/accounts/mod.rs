//! The accounts of a store file, as the loop needs them.
//!
//! Invariant: a booking holds in this process from the moment it is made, and for everybody once it is in the file.

pub(crate) mod bookings;
pub(crate) mod reads;
pub(crate) mod view;
pub(crate) mod writer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use self::bookings::Warn;
use self::bookings::{Made, Target};
use self::writer::Writer;
use crate::background::lock;
use crate::error::Result;
use crate::profiles::booking_rules::Policy;
use crate::profiles::cooldown::{CooldownSettings, Ladder};
use crate::rotation::account_store::{AccountStore, Receipt, Snapshot};
use crate::rotation::accounts::Accounts;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::login::login_store::LoginStore;
use crate::rotation::run::{AttemptResult, Booking};
use crate::store::edits::candidates::OrderConfig;
use crate::store::edits::fingerprint::fingerprint;
use crate::store::edits::marks::{Event, FailureEvent, Mark};
use crate::store::file::paths::StorePaths;
use crate::store::file::seen::{self, Seen};
use crate::store::file::update::UpdateOptions;
use crate::store::logins::file_logins::FileLogins;
use crate::time::WallMs;

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
            AttemptResult::Unread => Event::Asked,
            AttemptResult::Failed { report, stretch } => Event::Failure(Box::new(FailureEvent {
                report: *report,
                settings: self.cooldowns.clone(),
                policy: self.policy,
                ladder: self.ladder,
                stretch,
                asked: None,
            })),
        };
        Mark { profile_id: booking.profile, event, now: booking.now }
    }
}

/// One run's view of a store file.
#[derive(Debug)]
pub(crate) struct FileAccounts {
    pub paths: StorePaths,
    pub config: OrderConfig,
    pub rules: BookingRules,
    pub update: UpdateOptions,
    /// The longest wait for the store's lock, before that is told.
    pub wait: Duration,
    pub warn: Option<Warn>,
    /// As last read; it tells which profiles are the main agent's.
    pub last_seen: Arc<Mutex<Option<Arc<Seen>>>>,
    /// The fingerprints of the credentials that were given out.
    pub asked: Arc<Mutex<HashMap<String, String>>>,
}

impl FileAccounts {
    /// Where a profile is booked: in the store that its credential lives in, so that all who share it see it.
    fn home(&self, profile: &str) -> StorePaths {
        let is_inherited = |seen: &Arc<Seen>| seen.inherited.contains(profile);
        let main = self.paths.of_main();
        let main = main.filter(|_| lock(&self.last_seen).as_ref().is_some_and(is_inherited));
        main.unwrap_or_else(|| self.paths.clone())
    }
}

impl AccountStore for FileAccounts {
    fn snapshot(&self, provider: &str, now: WallMs) -> Result<Box<dyn Snapshot>> {
        // Before the file is read: what is written meanwhile is then in one of them at least.
        let pending = writer::pending(&self.paths);
        let seen = seen::documents(&self.paths)?;
        let accounts =
            view::held_accounts((&self.paths, provider, &self.config), &seen, &pending, now);
        *lock(&self.last_seen) = Some(Arc::clone(&seen));
        Ok(Box::new(SeenAccounts { seen, accounts, asked: Arc::clone(&self.asked) }))
    }

    fn book(&self, booking: Booking, then: Box<dyn FnOnce() + Send>) -> Arc<dyn Receipt> {
        let is_awaited = booking.is_awaited;
        let mut mark = self.rules.mark(booking);
        if let Event::Failure(failure) = &mut mark.event {
            failure.asked = lock(&self.asked).get(&mark.profile_id).cloned();
        }
        let home = self.home(&mark.profile_id);
        let writer = writer::of(&home.store);
        let target = Target { home, options: self.update, wait: self.wait };
        let made = Made::new(mark, target, self.warn.clone(), then);
        writer.add(Arc::clone(&made), is_awaited);
        Arc::new(BookedMark { writer, made })
    }

    fn gave(&self, id: &str, entry: &str) {
        if let Some(fingerprint) = fingerprint(entry) {
            lock(&self.asked).insert(id.to_owned(), fingerprint);
        }
    }

    fn logins(&self) -> Option<Arc<dyn LoginStore>> {
        let lock_form = self.update.lock_form;
        Some(Arc::new(FileLogins { paths: self.paths.clone(), lock_form }))
    }
}

/// A booking of a store file.
#[derive(Debug)]
struct BookedMark {
    writer: Arc<Writer>,
    made: Arc<Made>,
}

impl Receipt for BookedMark {
    fn take_back(&self, now: WallMs) {
        self.writer.take_back(&self.made, now);
    }
}

/// The accounts of one provider, and the documents that they stand in.
#[derive(Debug)]
struct SeenAccounts {
    seen: Arc<Seen>,
    accounts: Accounts,
    asked: Arc<Mutex<HashMap<String, String>>>,
}

impl Snapshot for SeenAccounts {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn credential(&self, id: &str) -> Option<AttemptCredential> {
        let account = self.accounts.list.iter().find(|account| account.id == id)?;
        let (text, _) = self.seen.documents.profile_text(id)?;
        if let Some(fingerprint) = fingerprint(text) {
            lock(&self.asked).insert(id.to_owned(), fingerprint);
        }
        Some(AttemptCredential::parse(text, account.kind))
    }
}
