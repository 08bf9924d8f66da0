//! Replacing the store: a reader sees the old file or the new one, never a part.
//!
//! Invariant: the write takes the lock guard. The new content is complete under another name, with the old
//! file's mode and owner, before one rename makes it visible.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::files::{Attributes, Files};
use super::lock::{Guard, sibling};
use super::recovery::{self, Unflushed};
use crate::error::{Error, Result};
use crate::store::document::text::Document;

/// Pauses between tries to rename on Windows, where a virus scanner may hold the target open: 0.6 s in all.
const RENAME_PAUSES_MS: [u64; 7] = [5, 10, 20, 40, 80, 160, 300];

/// How much a finished write promises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Durability {
    /// The new content survives a power cut.
    #[default]
    Full,
    /// The new content survives the death of any process; a power cut may bring the content of a second ago back.
    /// Only for what may be lost: see [`recovery`].
    Relaxed,
}

/// How a replacement ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// The new content is in place. In relaxed mode it is yet to be flushed.
    Done(Option<Unflushed>),
    /// Nothing was changed: somebody took the lock away, and may have written since.
    LockLost,
}

/// Replaces the guarded store, which holds `before`, with `content`.
pub(crate) fn replace(
    files: &dyn Files,
    guard: &Guard,
    before: &Document,
    content: &[u8],
    attributes: Attributes,
    durability: Durability,
) -> Result<Replaced> {
    let store = guard.store();
    let fresh = sibling(store, ".native-new");
    let write = || {
        let file = write_fresh(files, &fresh, content, attributes)?;
        let unflushed = match durability {
            Durability::Relaxed => recovery::keep(files, guard, before),
            Durability::Full => None,
        };
        if unflushed.is_none() {
            files.flush(&file).map_err(|error| Error::io("writing", &fresh, error))?;
        }
        // Closed before the rename: some systems do not move open files.
        drop(file);
        if !guard.is_held() {
            let _ = files.remove_file(&fresh);
            return Ok(Replaced::LockLost);
        }
        rename(files, &fresh, store)?;
        Ok(Replaced::Done(unflushed))
    };
    let replaced = write().inspect_err(|_| {
        let _ = files.remove_file(&fresh);
    })?;
    if replaced == Replaced::Done(None) {
        // The rename has happened: a failed flush weakens the promise but loses nothing.
        recovery::flush_directory(files, store)?;
        // An error too: an old credential that may come back is not a promise kept.
        recovery::discard(files, guard)?;
    }
    Ok(replaced)
}

/// Replaces a file beside the guarded store that the same lock protects, always in full: it has no recovery copy.
pub(crate) fn replace_beside(
    files: &dyn Files,
    guard: &Guard,
    path: &Path,
    content: &[u8],
) -> Result<Replaced> {
    let target = files.canonicalize(path).map_err(|error| Error::io("resolving", path, error))?;
    let (_, attributes) =
        files.read(&target).map_err(|error| Error::io("reading", &target, error))?;
    let fresh = sibling(&target, ".native-new");
    let write = || {
        let file = write_fresh(files, &fresh, content, attributes)?;
        files.flush(&file).map_err(|error| Error::io("writing", &fresh, error))?;
        drop(file);
        if !guard.is_held() {
            let _ = files.remove_file(&fresh);
            return Ok(Replaced::LockLost);
        }
        rename(files, &fresh, &target)?;
        Ok(Replaced::Done(None))
    };
    let replaced = write().inspect_err(|_| {
        let _ = files.remove_file(&fresh);
    })?;
    recovery::flush_directory(files, &target)?;
    Ok(replaced)
}

fn write_fresh(
    files: &dyn Files,
    fresh: &Path,
    content: &[u8],
    attributes: Attributes,
) -> Result<File> {
    let fail = |error| Error::io("writing", fresh, error);
    let mut file = match files.create_file(fresh, attributes.mode) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // Left by a process that died: the name is only used under the lock, so nobody needs it.
            files.remove_file(fresh).map_err(fail)?;
            files.create_file(fresh, attributes.mode)
        }
        outcome => outcome,
    }
    .map_err(fail)?;
    files.set_attributes(&file, attributes).map_err(fail)?;
    files.write(&mut file, content).map_err(fail)?;
    Ok(file)
}

fn rename(files: &dyn Files, from: &Path, to: &Path) -> Result<()> {
    let mut pauses = RENAME_PAUSES_MS.into_iter();
    loop {
        match files.rename(from, to) {
            Err(error) if is_held_open(&error) => match pauses.next() {
                Some(pause) => files.pause(Duration::from_millis(pause)),
                None => return Err(Error::StoreBusy { path: to.to_path_buf() }),
            },
            outcome => return outcome.map_err(|error| Error::io("replacing", to, error)),
        }
    }
}

/// Windows: the target is open in another process without delete sharing.
fn is_held_open(error: &io::Error) -> bool {
    const ERROR_ACCESS_DENIED: i32 = 5;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    const ERROR_LOCK_VIOLATION: i32 = 33;
    error.kind() == io::ErrorKind::ResourceBusy
        || cfg!(windows)
            && matches!(
                error.raw_os_error(),
                Some(ERROR_ACCESS_DENIED | ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION)
            )
}
