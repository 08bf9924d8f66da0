//! One locked update: lock, read, change, write, unlock.
//!
//! Invariant: the document that is changed was read under the lock, and what is written is that document with
//! the edits and nothing else. An update that changes nothing writes nothing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::atomic::{self, Durability, Replaced};
use super::files::Files;
use super::hold::{self, Entry};
use super::lock::{Guard, LockForm};
use super::paths::StorePaths;
use super::read;
use super::recovery::{self, Unflushed};
use super::seen;
use crate::background::lock;
use crate::error::{Error, Result};
use crate::store::document::text::Document;
use crate::store::edits::marks::{Applied, Declined, Documents};
use crate::trace::trace_step;

/// How long an update that lost its lock waits to get it back: its callers' own waits are over.
const LONGEST_SECOND_WAIT: Duration = Duration::from_secs(5);

/// A change of the documents, or why there is none to make.
///
/// Applied again to a fresh document if the lock was lost before the first write.
pub(crate) type Edit = Box<dyn FnMut(&mut Documents) -> Result<Applied, Declined> + Send>;

/// How an update locks and writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct UpdateOptions {
    pub lock_form: LockForm,
    pub durability: Durability,
}

/// What became of one edit.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub applied: Result<Applied, Declined>,
    /// The state after the whole update, for the caller's own object.
    pub after: Arc<After>,
    /// A file that is mounted over its name was written where it is; see [`atomic::Replaced::InPlace`].
    pub is_in_place: bool,
}

/// The documents after an update. Their sections are rendered once, for whoever asks.
#[derive(Debug)]
pub(crate) struct After {
    documents: Arc<Documents>,
    usage_stats: OnceLock<Option<String>>,
    last_good: OnceLock<Option<String>>,
}

impl After {
    fn new(documents: Arc<Documents>) -> Self {
        Self { documents, usage_stats: OnceLock::new(), last_good: OnceLock::new() }
    }

    pub(crate) fn usage_stats(&self) -> Option<&str> {
        let render = || self.documents.merged_section("usageStats");
        self.usage_stats.get_or_init(render).as_deref()
    }

    pub(crate) fn last_good(&self) -> Option<&str> {
        self.last_good.get_or_init(|| self.documents.merged_section("lastGood")).as_deref()
    }
}

/// A finished update.
#[derive(Debug)]
pub(crate) struct Done {
    /// One for each edit, in their order.
    pub outcomes: Vec<Outcome>,
    /// Set if a flush is still to come.
    pub unflushed: Option<Unflushed>,
}

/// Runs one update. The edits are taken when the lock is held, so that all that wait by then share one write.
/// `Ok(None)` means that `give_up` ended the wait for the lock. Blocks the calling thread.
///
/// An update that loses the JS-visible lock before its write becomes visible has changed nothing, and starts over
/// with what the file says by then.
pub(crate) fn update(
    files: &Arc<dyn Files>,
    paths: &StorePaths,
    options: UpdateOptions,
    take_edits: impl FnOnce() -> Vec<Edit>,
    give_up: &dyn Fn() -> bool,
) -> Result<Option<Done>> {
    let store = resolve(files.as_ref(), paths)?;
    read::refuse_migrated(files.as_ref(), &store)?;
    locked(files, &store, paths, options, take_edits, give_up)
        .map_err(|error| explain_vanished(files.as_ref(), &store, error))
}

/// The store's directory was removed during the update.
fn explain_vanished(files: &dyn Files, store: &Path, error: Error) -> Error {
    match &error {
        Error::Io { source, .. }
            if source.kind() == io::ErrorKind::NotFound && files.stat(store).is_err() =>
        {
            Error::StoreMissing { path: store.to_path_buf() }
        }
        _ => error,
    }
}

/// The update of the resolved `store`.
fn locked(
    files: &Arc<dyn Files>,
    store: &Path,
    paths: &StorePaths,
    options: UpdateOptions,
    take_edits: impl FnOnce() -> Vec<Edit>,
    give_up: &dyn Fn() -> bool,
) -> Result<Option<Done>> {
    let _turn = match hold::enter(store) {
        Entry::Turn(turn) => turn,
        Entry::Held(held) => match lock(&held).as_ref() {
            Some(guard) => {
                let mut edits = take_edits();
                let done = attempt(files.as_ref(), guard, paths, options.durability, &mut edits)?;
                return done.map(Some).ok_or_else(|| lock_lost(store));
            }
            // Released a moment ago: the worker comes again for what still waits.
            None => return Ok(None),
        },
    };
    let Some(guard) = Guard::acquire(Arc::clone(files), store, options.lock_form, give_up)? else {
        return Ok(None);
    };
    let mut edits = take_edits();
    if let Some(done) = attempt(files.as_ref(), &guard, paths, options.durability, &mut edits)? {
        return Ok(Some(done));
    }
    drop(guard);
    let started = Instant::now();
    let too_long = || started.elapsed() > LONGEST_SECOND_WAIT;
    while let Some(guard) = Guard::acquire(Arc::clone(files), store, options.lock_form, &too_long)?
    {
        if let Some(done) = attempt(files.as_ref(), &guard, paths, options.durability, &mut edits)?
        {
            return Ok(Some(done));
        }
        if too_long() {
            break;
        }
    }
    Err(lock_lost(store))
}

fn lock_lost(store: &Path) -> Error {
    let source = io::Error::other("other processes judged it stale and took it");
    Error::Io { action: "keeping the lock of", path: store.to_path_buf(), source }
}

/// Reads, changes and writes under the guard. `None` if the lock was lost before anything was changed.
fn attempt(
    files: &dyn Files,
    guard: &Guard,
    paths: &StorePaths,
    durability: Durability,
    edits: &mut [Edit],
) -> Result<Option<Done>> {
    let base = seen::base(paths);
    let loaded = read::load(files, guard.store())?;
    if loaded.recovered {
        recovery::restore(files, guard)?;
    }
    let mut own = loaded.document;
    if paths.with_state {
        read::attach_state(files, guard.store(), &mut own)?;
    }
    let mut documents = Documents { own, main: read::load_main(files, paths) };
    let applied: Vec<_> = edits.iter_mut().map(|edit| edit(&mut documents)).collect();
    trace_step!("book", store = guard.store(), edits = applied);
    let own = &documents.own;
    let text = own.is_changed().then(|| own.render());
    let state = own.state().filter(|state| state.is_changed()).map(Document::render);
    let documents = Arc::new(documents);
    let is_written = text.is_some() || state.is_some();
    if let Some(base) = base.filter(|_| is_written) {
        seen::expect(paths, &documents, base, [text.as_deref(), state.as_deref()]);
    }
    let mut unflushed = None;
    let mut is_in_place = false;
    if let Some(text) = text {
        let (own, attributes) = (&documents.own, loaded.attributes);
        match atomic::replace(files, guard, own, text.as_bytes(), attributes, durability)? {
            Replaced::Done(rest) => unflushed = rest,
            Replaced::InPlace => is_in_place = true,
            Replaced::LockLost => return Ok(None),
        }
    }
    if let Some(state) = state {
        let path = StorePaths::state(guard.store());
        match atomic::replace_beside(files, guard, &path, state.as_bytes())? {
            Replaced::Done(_) => {}
            Replaced::InPlace => is_in_place = true,
            Replaced::LockLost => return Ok(None),
        }
    }
    if is_written {
        seen::written(paths);
    }
    let after = Arc::new(After::new(documents));
    let outcome = |applied| Outcome { applied, after: Arc::clone(&after), is_in_place };
    Ok(Some(Done { outcomes: applied.into_iter().map(outcome).collect(), unflushed }))
}

/// The file itself where the store is a symbolic link: locks and replacements lie beside it.
pub(crate) fn resolve(files: &dyn Files, paths: &StorePaths) -> Result<PathBuf> {
    files.canonicalize(&paths.store).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => read::refuse_migrated(files, &paths.store)
            .err()
            .unwrap_or_else(|| Error::StoreMissing { path: paths.store.clone() }),
        _ => Error::io("resolving", &paths.store, error),
    })
}
