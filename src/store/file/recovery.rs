//! The recovery copy: what makes a replacement without a flush safe against a power cut.
//!
//! A replacement in the `relaxed` mode does not wait for the disk. Until a later flush has, a power cut may leave
//! the store empty, cut short or full of zeros, because a file system may keep the rename and lose the content.
//! So the last version that is known to be safe stays reachable under a second name, `<store>.native-safe`:
//!
//! 1. before the first such replacement, the store gets that name as a hard link: no content is copied, and the
//!    mode is the store's. Later ones keep the copy as it is;
//! 2. at most a second later [`super::flusher`] takes the lock, flushes the store and its directory, and removes
//!    the copy ([`settle`]). A process that dies before leaves the copy for the next process that sees it;
//! 3. a loader that finds a store which looks cut takes the copy, if that can be read ([`load_copy`]); the next
//!    update or flush puts it back in place ([`restore`]).
//!
//! As the kernel keeps what was written for all living processes, the death of a process loses nothing in either
//! mode. A power cut may take back the marks since the last flush, never a credential:
//!
//! Invariant: the copy holds the credentials of the store beside it. A replacement that changes them is written
//! in full and removes the copy; a relaxed one that finds a copy with other credentials (a host's login in
//! between, a process that died right before removing it) becomes a full one ([`keep`]).
//!
//! Only a file that looks cut is taken for the work of a power cut. A store that is wrong in another way was
//! edited by a person or a program, and stays.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use serde::de::IgnoredAny;

use super::files::{Attributes, Files, Stat};
use super::in_place;
pub(crate) use super::in_place::flush_directory;
use super::lock::Guard;
pub(crate) use super::side_files::copy_path;
use crate::background::lock;
use crate::error::{Error, Result};
use crate::store::document::text::Document;

/// A replaced store whose content a power cut could still take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unflushed {
    pub store: PathBuf,
    pub copy: Stat,
}

/// What must not be taken back: these members of the document, as text.
type Credentials = [Option<Box<str>>; 2];

/// Their names.
const CREDENTIALS: [&str; 2] = ["profiles", "order"];

/// The credentials of a copy that this process has made or looked into, so that a mark need not read it again.
static SEEN: LazyLock<Mutex<HashMap<PathBuf, (Stat, Credentials)>>> = LazyLock::new(Mutex::default);

/// Sees to it that a safe version of the guarded store stays reachable. `document` was read from the store, and its
/// edits are about to be written. `None` if they change a credential, or if there can be no copy: then the
/// replacement must be flushed.
pub(crate) fn keep(files: &dyn Files, guard: &Guard, document: &Document) -> Option<Unflushed> {
    if CREDENTIALS.iter().any(|section| document.is_section_changed(section)) {
        return None;
    }
    let path = copy_path(guard.store());
    let copy = match files.stat(&path) {
        Ok(copy) if has_credentials_of(files, &path, copy, document) => copy,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            files.link(guard.store(), &path).ok()?;
            let copy = files.stat(&path).ok()?;
            lock(&SEEN).insert(path, (copy, credentials(document)));
            copy
        }
        Ok(_) | Err(_) => return None,
    };
    Some(Unflushed { store: guard.store().to_path_buf(), copy })
}

fn has_credentials_of(files: &dyn Files, path: &Path, copy: Stat, document: &Document) -> bool {
    let expected = credentials_text(document);
    let same = |known: &Credentials| known.iter().map(Option::as_deref).eq(expected);
    if let Some((of, known)) = lock(&SEEN).get(path)
        && *of == copy
    {
        return same(known);
    }
    let content = files.read(path).ok().and_then(|(bytes, _)| Document::parse(&bytes).ok());
    let Some(known) = content.as_ref().map(credentials) else { return false };
    let answer = same(&known);
    lock(&SEEN).insert(path.to_path_buf(), (copy, known));
    answer
}

fn credentials_text(document: &Document) -> [Option<&str>; 2] {
    CREDENTIALS.map(|key| document.value(key))
}

fn credentials(document: &Document) -> Credentials {
    credentials_text(document).map(|text| text.map(Box::from))
}

/// Removes the copy of a store that is safe itself.
pub(crate) fn discard(files: &dyn Files, guard: &Guard) -> Result<()> {
    let path = copy_path(guard.store());
    lock(&SEEN).remove(&path);
    match files.remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("removing", &path, error))
        }
        _ => Ok(()),
    }
}

/// Ends the need for the copy: flushes the store and removes the copy, or puts the copy in place of a store that
/// was cut.
pub(crate) fn settle(files: &dyn Files, guard: &Guard) -> Result<()> {
    let store = guard.store();
    let fail = |error| Error::io("flushing", store, error);
    if files.stat(&copy_path(store)).is_err() {
        return Ok(());
    }
    let (bytes, _) = files.read(store).map_err(fail)?;
    if looks_cut(&bytes) && load_copy(files, store, &bytes).is_some() {
        return restore(files, guard);
    }
    files.flush_path(store).map_err(fail)?;
    flush_directory(files, store)?;
    discard(files, guard)
}

/// Puts the copy in place of a store that was cut.
pub(crate) fn restore(files: &dyn Files, guard: &Guard) -> Result<()> {
    let (store, copy) = (guard.store(), copy_path(guard.store()));
    lock(&SEEN).remove(&copy);
    match files.rename(&copy, store) {
        Err(_) if files.is_mount_point(store) => in_place::restore(files, store)?,
        outcome => outcome.map_err(|error| Error::io("restoring", store, error))?,
    }
    flush_directory(files, store)
}

/// The copy's content, if `bytes`, read from the store, look cut and the copy is a store.
pub(crate) fn load_copy(
    files: &dyn Files,
    store: &Path,
    bytes: &[u8],
) -> Option<(Document, Attributes)> {
    let (bytes, attributes) = read_copy(files, store, bytes)?;
    Some((Document::parse(&bytes).ok()?, attributes))
}

/// The same for a file that may be no store.
pub(crate) fn read_copy(
    files: &dyn Files,
    path: &Path,
    bytes: &[u8],
) -> Option<(Vec<u8>, Attributes)> {
    if !looks_cut(bytes) {
        return None;
    }
    files.read(&copy_path(&files.canonicalize(path).ok()?)).ok()
}

/// Whether a power cut can have left this: nothing, a beginning, or a hole full of zeros.
fn looks_cut(bytes: &[u8]) -> bool {
    if bytes.iter().all(u8::is_ascii_whitespace) || bytes.contains(&0) {
        return true;
    }
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    serde_json::from_slice::<IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_power_cut_leaves_looks_cut_and_what_people_write_does_not() {
        let whole = r#"{"profiles":{"a":{"type":"oauth"}}}"#;
        for length in 0..whole.len() {
            assert!(looks_cut(&whole.as_bytes()[..length]), "{length}");
        }
        assert!(looks_cut(&[0; 64]));
        assert!(looks_cut(b" \n"));
        for text in [whole, r#"{"profiles":{"a":{"type":"oauth",}}}"#, "[]", "{} {}", "profiles"] {
            assert!(!looks_cut(text.as_bytes()), "{text}");
        }
    }
}
