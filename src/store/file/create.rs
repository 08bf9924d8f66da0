//! A store where there is none yet.
//!
//! Invariant: only an edit that adds something creates a store, and a store never appears half written: the whole
//! empty store gets its name in one step that fails if another process was faster.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;

use super::files::Files;
use super::read::refuse_migrated;
use super::side_files::sibling;
use crate::error::{Error, Result};

/// What hosts write into a new store.
const EMPTY_STORE: &str = "{\n  \"version\": 1,\n  \"profiles\": {}\n}\n";

/// Makes an empty store, with its directories, unless there is one.
pub(crate) fn ensure(files: &dyn Files, store: &Path) -> Result<()> {
    // A link that leads nowhere was set up by its owner: it is not a missing file.
    if files.stat(store).is_ok() {
        return Ok(());
    }
    refuse_migrated(files, store)?;
    let fail = |error| Error::io("creating", store, error);
    if let Some(directory) = store.parent() {
        create_directories(directory).map_err(fail)?;
    }
    let fresh = sibling(store, &format!(".native-new.{}", std::process::id()));
    let made = write(files, &fresh).and_then(|()| place(files, &fresh, store));
    let _ = files.remove_file(&fresh);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome.map_err(fail),
    }
}

fn write(files: &dyn Files, fresh: &Path) -> io::Result<()> {
    let _ = files.remove_file(fresh);
    let mut file = files.create_file(fresh, 0o600)?;
    give_to_owner_of_directory(files, &file, fresh);
    files.write(&mut file, EMPTY_STORE.as_bytes())?;
    files.flush(&file)
}

/// A store that root makes in the directory of a service's user is that user's.
#[cfg(unix)]
fn give_to_owner_of_directory(files: &dyn Files, file: &File, path: &Path) {
    use std::os::unix::fs::MetadataExt;

    use super::files::Attributes;
    let directory = path.parent().and_then(|directory| std::fs::metadata(directory).ok());
    if let Some(directory) = directory.filter(|_| rustix::process::geteuid().is_root()) {
        let owner = Some((directory.uid(), directory.gid()));
        let _ = files.set_attributes(file, Attributes { mode: 0o600, owner });
    }
}

#[cfg(not(unix))]
fn give_to_owner_of_directory(_files: &dyn Files, _file: &File, _path: &Path) {}

fn place(files: &dyn Files, fresh: &Path, store: &Path) -> io::Result<()> {
    match files.rename_new(fresh, store) {
        // A hard link fails on an existing name too.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => files.link(fresh, store),
        outcome => outcome,
    }
}

/// Like `mkdir -p`, for its owner only where something is made.
fn create_directories(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::files::Disk;

    #[test]
    fn a_missing_store_appears_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("agents/x/auth-profiles.json");
        ensure(&Disk, &store).unwrap();
        assert_eq!(std::fs::read_to_string(&store).unwrap(), EMPTY_STORE);
        assert_eq!(std::fs::read_dir(store.parent().unwrap()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&store), mode(store.parent().unwrap())), (0o600, 0o700));
        }
    }

    #[test]
    fn an_existing_store_stays_whatever_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("auth-profiles.json");
        std::fs::write(&store, "odd").unwrap();
        ensure(&Disk, &store).unwrap();
        assert_eq!(std::fs::read_to_string(&store).unwrap(), "odd");
    }

    #[test]
    fn nothing_is_made_where_a_newer_host_lives() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("auth-profiles.json");
        std::fs::write(dir.path().join("openclaw-agent.sqlite"), "").unwrap();
        assert!(matches!(ensure(&Disk, &store), Err(Error::StoreMigrated { .. })));
        assert!(!store.exists());
    }
}
