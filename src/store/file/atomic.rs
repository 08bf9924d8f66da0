//! Replacing the store: a reader sees the old file or the new one, never a part.
//!
//! Invariant: the write takes the lock guard. The new content is complete under another name, with the old
//! file's mode and owner, before one rename makes it visible.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::files::{Attributes, Files};
use super::in_place;
use super::lock::Guard;
use super::recovery::{self, Unflushed};
use super::side_files::{copy_path, sibling};
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
    /// The same, and flushed, in a file that cannot be replaced: it was written where it is.
    InPlace,
    /// Nothing was changed: another process removed the lock, and may have written since.
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
    let keep = || match durability {
        Durability::Relaxed => recovery::keep(files, guard, before),
        Durability::Full => None,
    };
    let replaced = put(files, guard, store, content, attributes, keep)?;
    if matches!(replaced, Replaced::Done(None) | Replaced::InPlace) {
        // The content is in place: a failed flush weakens the promise but loses nothing.
        recovery::flush_directory(files, store)?;
        // An error: after a power cut the old credential could come back.
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
    let replaced = put(files, guard, &target, content, attributes, || None)?;
    if replaced == Replaced::InPlace {
        let copy = copy_path(&target);
        files.remove_file(&copy).map_err(|error| Error::io("removing", &copy, error))?;
    }
    recovery::flush_directory(files, &target)?;
    Ok(replaced)
}

/// Writes `content` under another name and renames it to `target`. It is flushed before that, unless `keep` answers
/// that the old content stays reachable until a later flush. What fails leaves nothing behind.
fn put(
    files: &dyn Files,
    guard: &Guard,
    target: &Path,
    content: &[u8],
    attributes: Attributes,
    keep: impl FnOnce() -> Option<Unflushed>,
) -> Result<Replaced> {
    let fresh = sibling(target, ".native-new");
    let write = || {
        let file = write_fresh(files, &fresh, content, attributes)?;
        let unflushed = keep();
        if unflushed.is_none() {
            files.flush(&file).map_err(|error| Error::io("writing", &fresh, error))?;
        }
        // Closed before the rename: some systems do not move open files.
        drop(file);
        if !guard.is_held() {
            let _ = files.remove_file(&fresh);
            return Ok(Replaced::LockLost);
        }
        if rename(files, &fresh, target)? {
            return Ok(Replaced::Done(unflushed));
        }
        in_place::write(files, target, &fresh, content)?;
        Ok(Replaced::InPlace)
    };
    write().inspect_err(|_| {
        let _ = files.remove_file(&fresh);
    })
}

/// Fails if a later replacement of the store would: tries to write as much beside it, and to open it where it is mounted
/// over its name. What is tried is removed.
pub(crate) fn check_writable(files: &dyn Files, guard: &Guard) -> Result<()> {
    let store = guard.store();
    let fail = |error| Error::io("reading", store, error);
    let (content, attributes) = files.read(store).map_err(fail)?;
    let fresh = sibling(store, ".native-new");
    let written = write_fresh(files, &fresh, &content, attributes).map(drop);
    let _ = files.remove_file(&fresh);
    written?;
    if files.is_mount_point(store) {
        files.open_existing(store).map_err(|error| Error::io("writing", store, error))?;
    }
    Ok(())
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
            // Left by a process that died: the name is only used under the lock.
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

/// False if the target is mounted over its name, and so cannot be replaced.
fn rename(files: &dyn Files, from: &Path, to: &Path) -> Result<bool> {
    let mut pauses = RENAME_PAUSES_MS.into_iter();
    loop {
        match files.rename(from, to) {
            Err(error) if is_held_open(&error) && files.is_mount_point(to) => return Ok(false),
            Err(error) if is_held_open(&error) => match pauses.next() {
                Some(pause) => files.pause(Duration::from_millis(pause)),
                None => return Err(Error::StoreBusy { path: to.to_path_buf() }),
            },
            outcome => {
                return outcome.map(|()| true).map_err(|error| Error::io("replacing", to, error));
            }
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
