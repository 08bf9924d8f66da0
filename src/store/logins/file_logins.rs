//! The logins of a store file.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::host_lock;
use super::login_owner::{LoginOwner, newer_of_main, owner_of};
use crate::error::{Error, Result};
use crate::rotation::login::login_store::{Claim, LoginStore, Saved};
use crate::rotation::login::oauth_login::{Login, Renewal};
use crate::store::edits::by_hand::upsert_profile;
use crate::store::edits::renewed_login::{Renewing, renew_copy, renew_login};
use crate::store::file::atomic::Durability;
use crate::store::file::files::{Disk, Files};
use crate::store::file::lock::{Guard, LockForm};
use crate::store::file::paths::StorePaths;
use crate::store::file::update::{Edit, UpdateOptions};
use crate::store::file::{commit, hold, read, seen, update};
use crate::store::watch::notices::Notices;
use crate::time::WallMs;

/// A spent token's successor is worth waiting for a lock, or for a full disk: for this long, in pieces.
const LONGEST_SAVING: Duration = Duration::from_mins(10);
/// A store that is not there may be on its way: editors and whatever copies files remove the old one first.
const LONGEST_MISSING: Duration = Duration::from_secs(10);
const PIECE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(500);

static DISK: LazyLock<Arc<dyn Files>> = LazyLock::new(|| Arc::new(Disk));

/// The logins of an agent: its own and those that it inherits.
#[derive(Debug, Clone)]
pub(crate) struct FileLogins {
    pub paths: StorePaths,
    pub lock_form: LockForm,
}

impl LoginStore for FileLogins {
    fn place(&self) -> String {
        self.paths.store.to_string_lossy().into_owned()
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn read(&self, id: &str) -> Result<Option<String>> {
        let seen = seen::documents(&self.paths)?;
        Ok(seen.documents.profile_text(id).map(|(text, _)| text.to_owned()))
    }

    fn claim(&self, id: &str, wait: Duration) -> Result<Box<dyn Claim>> {
        let deadline = Instant::now() + wait;
        let documents = read::load_documents(&Disk, &self.paths)?;
        let mut claim = FileClaim {
            id: id.to_owned(),
            owner: LoginOwner { home: self.paths.clone(), copies: Vec::new() },
            form: self.lock_form,
            text: None,
            host: None,
        };
        let Some(owner) = owner_of(&documents, &self.paths, id) else { return Ok(Box::new(claim)) };
        let provider = documents.profile_text(id).map(|(_, provider)| provider);
        let home = update::resolve(&Disk, &owner.home)?;
        let provider = provider.unwrap_or_default();
        claim.host = host_lock::take(&DISK, &home, &provider, id, deadline)?;
        claim.owner = owner;
        for place in claim.owner.copies.iter().chain([&claim.owner.home]) {
            let store = update::resolve(&Disk, place)?;
            prove(&store, self.lock_form, deadline)?;
        }
        // Whoever held one of the locks may have renewed it.
        let documents = read::load_documents(&Disk, &self.paths)?;
        if let Some(newer) = newer_of_main(&documents, id, WallMs::now()) {
            let newer = newer.to_owned();
            self.adopt(id, &newer);
            claim.text = Some(newer);
        } else {
            claim.text = documents.profile_text(id).map(|(text, _)| text.to_owned());
        }
        Ok(Box::new(claim))
    }

    fn notices(&self, bell: Arc<Notify>) -> Option<Box<dyn Any + Send>> {
        let mut notices = Notices::new(&self.paths, bell).ok()?;
        notices.arm(&self.paths).ok()?;
        Some(Box::new(notices))
    }
}

impl FileLogins {
    /// The sub-agent's copy follows the main agent's login. If it cannot be written, it will be another time.
    fn adopt(&self, id: &str, newer: &str) {
        let (id, newer) = (id.to_owned(), pretty(newer));
        let edit: Edit = Box::new(move |documents| upsert_profile(documents, &id, &newer));
        let _ = submit(self.paths.clone(), self.lock_form, PIECE, edit);
    }
}

/// In the layout that [`upsert_profile`] takes.
fn pretty(entry: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(entry);
    value.map_or_else(|_| entry.to_owned(), |value| format!("{value:#}"))
}

/// Proves that the store could be replaced, under its lock, and through that lock if this process holds it already.
fn prove(store: &Path, form: LockForm, deadline: Instant) -> Result<()> {
    if hold::prove_writable(&DISK, store, form, deadline)? {
        return Ok(());
    }
    Err(commit::lock_timeout_of(store, deadline))
}

fn submit(
    paths: StorePaths,
    lock_form: LockForm,
    wait: Duration,
    edit: Edit,
) -> commit::Shared<()> {
    let (answer, done) = mpsc::channel();
    let options = UpdateOptions { lock_form, durability: Durability::Full };
    commit::submit_then(paths, options, wait, edit, move |outcome| {
        let _ = answer.send(outcome.map(|_| ()));
    });
    done.recv().unwrap_or_else(|_| Err(Arc::new(Error::Internal("saving a login"))))
}

struct FileClaim {
    id: String,
    owner: LoginOwner,
    form: LockForm,
    text: Option<String>,
    /// Held as long as the claim.
    host: Option<Guard>,
}

impl Claim for FileClaim {
    fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    fn save(&self, began: &Login, renewal: &Renewal) -> Result<Saved> {
        let started = Instant::now();
        loop {
            match self.save_once(began, renewal) {
                Err(error) if started.elapsed() < hope_for(&error) => {
                    std::thread::sleep(PAUSE);
                }
                outcome => return outcome.map_err(owned),
            }
        }
    }
}

impl FileClaim {
    fn save_once(&self, began: &Login, renewal: &Renewal) -> commit::Shared<Saved> {
        let (told, what) = mpsc::channel();
        let (id, from, to) = (self.id.clone(), began.clone(), renewal.clone());
        let edit: Edit = Box::new(move |documents| {
            let (renewing, applied) = renew_login(documents, &id, &from, &to);
            let _ = told.send(renewing);
            applied
        });
        submit(self.owner.home.clone(), self.form, PIECE, edit)?;
        // The edit may have run again on a fresh document; its last word counts.
        let what = what.try_iter().last().unwrap_or(Renewing::Gone);
        if what == Renewing::Gone {
            return Ok(Saved::Gone);
        }
        let saved = self.read_back(renewal).map_err(Arc::new)?;
        for copy in &self.owner.copies {
            let (id, from, to) = (self.id.clone(), began.clone(), renewal.clone());
            let edit: Edit = Box::new(move |documents| renew_copy(documents, &id, &from, &to));
            // A copy that is left behind follows when it is asked with.
            let _ = submit(copy.clone(), self.form, PIECE, edit);
        }
        Ok(saved)
    }

    /// What stands in the file now: ours, or what somebody has written over it in this very moment.
    fn read_back(&self, renewal: &Renewal) -> Result<Saved> {
        let store = update::resolve(&Disk, &self.owner.home)?;
        let document = read::load(&Disk, &store)?.document;
        let Some(text) = document.entry("profiles", &self.id) else { return Ok(Saved::Gone) };
        let Some(login) = Login::parse(text) else { return Err(lost(store)) };
        let given = renewal.members().find(|(name, _)| *name == "access");
        let is_ours = given.and_then(|(_, value)| value.as_str()) == Some(login.access.as_str());
        let text = text.to_owned();
        Ok(if is_ours { Saved::Ours(text) } else { Saved::Theirs(text) })
    }
}

fn lost(path: PathBuf) -> Error {
    let source = std::io::Error::other("what was written is not there");
    Error::Io { action: "reading back", path, source }
}

/// How long it may take until it goes better.
fn hope_for(error: &Error) -> Duration {
    match error {
        Error::LockTimeout { .. }
        | Error::StoreNoSpace { .. }
        | Error::StoreBusy { .. }
        | Error::StoreUnreadable { .. }
        | Error::Io { .. } => LONGEST_SAVING,
        Error::StoreMissing { .. } => LONGEST_MISSING,
        _ => Duration::ZERO,
    }
}

/// An error that others share, told in its own words.
fn owned(error: Arc<Error>) -> Error {
    Arc::try_unwrap(error).unwrap_or_else(|error| match &*error {
        Error::StoreReadOnly { path } => Error::StoreReadOnly { path: path.clone() },
        Error::StoreNoSpace { path } => Error::StoreNoSpace { path: path.clone() },
        Error::StoreMissing { path } => Error::StoreMissing { path: path.clone() },
        Error::StoreBusy { path } => Error::StoreBusy { path: path.clone() },
        _ => Error::Internal("saving a login"),
    })
}
