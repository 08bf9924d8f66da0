//! One locked update: lock, read, change, write, unlock.
//!
//! Invariant: the document that is changed was read under the lock, and what is written is that document with
//! the edits and nothing else. An update that changes nothing writes nothing.

use std::path::PathBuf;
use std::sync::Arc;

use super::atomic::{self, Durability};
use super::files::Files;
use super::lock::{Guard, LockForm};
use super::marks::{Applied, Declined, Documents};
use super::paths::StorePaths;
use super::read;
use crate::error::{Error, Result};

/// A change of the documents, or why there is none to make.
pub type Edit = Box<dyn FnOnce(&mut Documents) -> Result<Applied, Declined> + Send>;

/// How an update locks and writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct UpdateOptions {
    pub lock_form: LockForm,
    pub durability: Durability,
}

/// What became of one edit: the state after the whole update, for the caller's own object.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub applied: Result<Applied, Declined>,
    pub usage_stats: Option<Arc<str>>,
    pub last_good: Option<Arc<str>>,
}

/// Runs one update. The edits are taken when the lock is held, so that all that wait by then share one write.
/// `Ok(None)` means that `give_up` ended the wait for the lock. Blocks the calling thread.
pub fn update(
    files: &Arc<dyn Files>,
    paths: &StorePaths,
    options: UpdateOptions,
    take_edits: impl FnOnce() -> Vec<Edit>,
    give_up: &dyn Fn() -> bool,
) -> Result<Option<Vec<Outcome>>> {
    let store = resolve(files.as_ref(), paths)?;
    read::refuse_migrated(files.as_ref(), &store)?;
    let Some(guard) = Guard::acquire(Arc::clone(files), &store, options.lock_form, give_up)? else {
        return Ok(None);
    };
    let loaded = read::load(files.as_ref(), &store)?;
    let main = read::load_main(files.as_ref(), paths);
    let mut documents = Documents { own: loaded.document, main };
    let applied: Vec<_> = take_edits().into_iter().map(|edit| edit(&mut documents)).collect();
    if documents.own.is_changed() {
        let text = documents.own.render();
        atomic::replace(
            files.as_ref(),
            &guard,
            text.as_bytes(),
            loaded.attributes,
            options.durability,
        )?;
    }
    drop(guard);

    let shared = |section| documents.merged_section(section).map(Arc::<str>::from);
    let (usage_stats, last_good) = (shared("usageStats"), shared("lastGood"));
    let outcome = |applied| Outcome {
        applied,
        usage_stats: usage_stats.clone(),
        last_good: last_good.clone(),
    };
    Ok(Some(applied.into_iter().map(outcome).collect()))
}

/// The file itself where the store is a symbolic link: locks and replacements lie beside it.
fn resolve(files: &dyn Files, paths: &StorePaths) -> Result<PathBuf> {
    files.canonicalize(&paths.store).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => read::refuse_migrated(files, &paths.store)
            .err()
            .unwrap_or_else(|| Error::StoreMissing { path: paths.store.clone() }),
        _ => Error::io("resolving", &paths.store, error),
    })
}
