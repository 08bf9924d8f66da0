//! Looks at the files of a store. Invariant: nothing is created, locked or removed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::source::shared;
use crate::error::{Error, Result};
use crate::rotation::pool_document::Pool;
use crate::store::edits::marks::Documents;
use crate::store::file::files::Files;
use crate::store::file::lock::{Observed, inspect};
use crate::store::file::paths::StorePaths;
use crate::store::file::{read, recovery};
use crate::time::WallMs;

/// Everything that the judges need to know.
#[derive(Debug)]
pub(crate) struct Scene {
    /// The file itself where the store is a symbolic link.
    pub(crate) store: PathBuf,
    pub(crate) documents: Result<Documents>,
    /// What the processes that share the store tell each other.
    pub(crate) shared: Pool,
    /// The store was cut, and its recovery copy was read instead.
    pub(crate) is_recovered: bool,
    pub(crate) store_mode: Option<u32>,
    pub(crate) directory_mode: Option<u32>,
    pub(crate) can_write: bool,
    /// Mounted as a single file, so that it cannot be replaced in one step.
    pub(crate) is_mount_point: bool,
    /// Side files that belong to another user than the store.
    pub(crate) misowned: Vec<PathBuf>,
    pub(crate) lock: Option<Observed>,
    /// Why the main agent's store cannot be read; a sub-agent inherits from it.
    pub(crate) main_fault: Option<Error>,
    pub(crate) leftovers: Vec<Leftover>,
    /// How far ahead of now the store's modification time lies; zero for the past.
    pub(crate) modified_ahead: Duration,
}

/// A file beside the store that its writer should have removed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leftover {
    pub(crate) path: PathBuf,
    pub(crate) is_recovery_copy: bool,
    pub(crate) mode: u32,
    pub(crate) age: Duration,
}

pub(crate) fn look(files: &dyn Files, paths: &StorePaths, now: WallMs) -> Scene {
    let store = files.canonicalize(&paths.store).unwrap_or_else(|_| paths.store.clone());
    let directory = store.parent().unwrap_or(Path::new("."));
    let (documents, is_recovered) = match documents(files, paths, &store) {
        Ok((documents, is_recovered)) => (Ok(documents), is_recovered),
        Err(error) => (Err(error), false),
    };
    let main = paths.main.as_deref().map(|main| read::load(files, main));
    let modified = files.stat(&store).map(|stat| WallMs::from(stat.modified));
    Scene {
        shared: shared(paths, now),
        is_recovered,
        store_mode: mode(&store),
        directory_mode: mode(directory),
        can_write: can_write(directory),
        is_mount_point: files.is_mount_point(&store),
        misowned: misowned(&store),
        lock: inspect(files, &store),
        main_fault: main.and_then(Result::err).filter(|fault| !is_missing(fault)),
        leftovers: leftovers(files, &store, directory, now),
        modified_ahead: modified.map(|modified| modified.since(now)).unwrap_or_default(),
        store,
        documents,
    }
}

/// As the commands read them.
fn documents(files: &dyn Files, paths: &StorePaths, store: &Path) -> Result<(Documents, bool)> {
    let loaded = read::load(files, store)?;
    let mut own = loaded.document;
    if paths.with_state {
        read::attach_state(files, store, &mut own)?;
    }
    Ok((Documents { own, main: read::load_main(files, paths) }, loaded.recovered))
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::StoreMissing { .. })
}

/// How long a file beside the store counts as in use: longer than any write.
const IN_USE: Duration = Duration::from_mins(1);

fn leftovers(files: &dyn Files, store: &Path, directory: &Path, now: WallMs) -> Vec<Leftover> {
    let Some(name) = store.file_name().and_then(OsStr::to_str) else { return Vec::new() };
    let copy = recovery::copy_path(store);
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<Leftover> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(|other| is_leftover(name, other)))
        .filter_map(|entry| {
            let path = entry.path();
            let age = now.since(files.stat(&path).ok()?.modified.into());
            let is_recovery_copy = path == copy;
            let mode = mode(&path).unwrap_or(0o600);
            Some(Leftover { path, is_recovery_copy, mode, age })
        })
        .filter(|leftover| leftover.age > IN_USE)
        .collect();
    // A busy gateway renews its copy with each burst of marks; a copy beside a quiet store was left behind.
    let is_quiet = files.stat(store).is_ok_and(|stat| now.since(stat.modified.into()) > IN_USE);
    found.retain(|leftover| !leftover.is_recovery_copy || is_quiet);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Names of files that hold a store's content or a lock for a moment, ours and the hosts'.
fn is_leftover(store: &str, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(store) else { return false };
    rest == ".native-safe"
        || rest.starts_with(".native-new")
        || rest.starts_with(".lock.new")
        || (rest.starts_with('.') && rest.as_bytes().ends_with(b".tmp"))
}

/// What a command run by another user, root as a rule, has left behind.
#[cfg(unix)]
fn misowned(store: &Path) -> Vec<PathBuf> {
    use std::os::unix::fs::MetadataExt;

    use crate::store::file::side_files::sibling;
    let owner = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.uid());
    let Some(of_store) = owner(store) else { return Vec::new() };
    [".native-lock", ".native-pool", ".native-sessions", ".native-safe"]
        .map(|suffix| sibling(store, suffix))
        .into_iter()
        .filter(|path| owner(path).is_some_and(|owner| owner != of_store))
        .collect()
}

#[cfg(not(unix))]
fn misowned(_store: &Path) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| metadata.mode() & 0o7777)
}

/// Windows has no such bits; a profile's directories are its owner's there.
#[cfg(not(unix))]
fn mode(_path: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn can_write(directory: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(directory, Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn can_write(_directory: &Path) -> bool {
    true
}
