//! Where a change of the store can show: the directory entries to watch.
//!
//! Invariant: a store is replaced by rename, so directories are watched and never the file itself. Every link on the
//! way has its own entry, and of what does not exist yet the nearest ancestor that does is watched.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::store::file::paths::StorePaths;
use crate::store::file::system::real_name;

/// A name in a directory, which is free of links.
pub(crate) type Place = (PathBuf, OsString);

/// More links than any system follows.
const MAX_STEPS: usize = 40;

/// The entries that decide what a read of these paths gives. Locks, sidecars and temporary files are not among them.
pub(crate) fn places(paths: &StorePaths) -> HashSet<Place> {
    let mut found = HashSet::new();
    for store in [Some(&paths.store), paths.main.as_ref()].into_iter().flatten() {
        let mut files = vec![store.clone(), StorePaths::database(store)];
        if paths.with_state {
            files.push(StorePaths::state(store));
        }
        for file in files {
            trace(file, &mut found);
        }
    }
    found
}

/// The file's entry, its directory's entry, and those of what they link to.
fn trace(file: PathBuf, found: &mut HashSet<Place>) {
    let mut waiting = vec![(file, true)];
    for _ in 0..MAX_STEPS {
        let Some((path, with_parent)) = waiting.pop() else { return };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { continue };
        let Ok(directory) = canonicalize(parent) else {
            waiting.push((parent.to_path_buf(), false));
            continue;
        };
        if let Ok(target) = fs::read_link(directory.join(name)) {
            waiting.push((directory.join(target), with_parent));
        }
        if with_parent {
            waiting.push((parent.to_path_buf(), false));
        }
        found.insert((directory, name.to_owned()));
    }
}

fn canonicalize(directory: &Path) -> std::io::Result<PathBuf> {
    let directory = real_name::canonicalize(directory)?;
    if directory.is_dir() { Ok(directory) } else { Err(std::io::ErrorKind::NotADirectory.into()) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn found(file: &Path) -> HashSet<Place> {
        let mut found = HashSet::new();
        trace(file.to_path_buf(), &mut found);
        found
    }

    fn base() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap();
        (dir, path)
    }

    #[test]
    fn a_file_is_watched_in_its_directory_and_that_in_its_parent() {
        let (_guard, base) = base();
        fs::create_dir(base.join("a")).unwrap();
        let expected = [(base.join("a"), "s".into()), (base.clone(), "a".into())];
        assert_eq!(found(&base.join("a/s")), HashSet::from(expected));
    }

    #[test]
    fn of_what_is_missing_the_nearest_ancestor_is_watched() {
        let (_guard, base) = base();
        assert_eq!(found(&base.join("a/b/s")), HashSet::from([(base, "a".into())]));
    }

    #[test]
    fn every_link_on_the_way_is_watched() {
        let (_guard, base) = base();
        for name in ["a", "real"] {
            fs::create_dir(base.join(name)).unwrap();
        }
        std::os::unix::fs::symlink("../real/s", base.join("a/s")).unwrap();
        std::os::unix::fs::symlink("a", base.join("b")).unwrap();
        let found = found(&base.join("b/s"));
        for (directory, name) in [("a", "s"), ("real", "s"), ("", "b")] {
            let place = (base.join(directory).components().collect(), name.into());
            assert!(found.contains(&place), "{place:?} is not in {found:?}");
        }
    }

    #[test]
    fn links_in_a_circle_end() {
        let (_guard, base) = base();
        std::os::unix::fs::symlink("b", base.join("a")).unwrap();
        std::os::unix::fs::symlink("a", base.join("b")).unwrap();
        assert!(found(&base.join("a/s")).contains(&(base, "a".into())));
    }
}
