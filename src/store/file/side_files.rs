//! The files beside a store: their names, and whom they belong to.
//!
//! Invariant: a side file belongs to whom the store belongs. One command run by root must not leave a file that the
//! service's own user may not open.
//!
//! | name | what it is |
//! |---|---|
//! | `<store>.lock` | the lock that hosts see |
//! | `<store>.native-lock` | the sidecar that carries the kernel lock; never deleted |
//! | `<store>.native-safe` | the recovery copy |
//! | `<store>.native-new` | the next version while it is being written |
//! | `<store>.native-pool` | the pool |
//! | `<store>.native-sessions` | whom each session stays with |

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::system::attributes::{self, Attributes};
use super::system::rename_new::rename_new;

/// `<store><suffix>`, beside the store.
pub(crate) fn sibling(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_os_string();
    name.push(suffix);
    store.with_file_name(name)
}

/// Where the recovery copy of a file lies.
#[must_use]
pub(crate) fn copy_path(file: &Path) -> PathBuf {
    sibling(file, ".native-safe")
}

/// Opens a side file of `store` for reading and writing. One that is not there is made with the store's owner, group and
/// mode; one that root has left with another owner is given back, where this process may do that.
pub(crate) fn open_side_file(path: &Path, store: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().read(true).write(true).open(path);
    let file = match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path, store)?;
            open()?
        }
        outcome => outcome?,
    };
    give_back(&file, store);
    Ok(file)
}

/// Makes the file under another name first, so that it never appears with the wrong owner.
fn create(path: &Path, store: &Path) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let fresh = sibling(path, &format!(".new-{}-{count}", std::process::id()));
    let _ = fs::remove_file(&fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&fresh)?;
    if let Ok(of_store) = fs::metadata(store) {
        let _ = attributes::set(&file, for_side_file(attributes::of(&of_store)));
    }
    drop(file);
    let placed = match rename_new(&fresh, path) {
        // A hard link fails on an existing name too.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => fs::hard_link(&fresh, path),
        outcome => outcome,
    };
    let _ = fs::remove_file(&fresh);
    match placed {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

/// The store's own, but its owner can always write: a read-only store is replaced, a side file is written.
fn for_side_file(store: Attributes) -> Attributes {
    Attributes { mode: store.mode | 0o600, ..store }
}

#[cfg(unix)]
fn give_back(file: &File, store: &Path) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (Ok(now), Ok(of_store)) = (file.metadata(), fs::metadata(store)) else { return };
    let wanted = for_side_file(attributes::of(&of_store));
    if attributes::of(&now).owner != wanted.owner {
        let _ = attributes::set(file, wanted);
    }
}

#[cfg(not(unix))]
fn give_back(_file: &File, _store: &Path) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

    use super::*;

    /// A store of this user and mode, and where a side file of it would be.
    fn store(mode: u32) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("auth-profiles.json");
        fs::write(&store, "{}").unwrap();
        fs::set_permissions(&store, fs::Permissions::from_mode(mode)).unwrap();
        let side = sibling(&store, ".native-lock");
        (dir, store, side)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_side_file_has_the_mode_of_its_store_and_its_owner_can_write_it() {
        for (of_store, expected) in [(0o600, 0o600), (0o660, 0o660), (0o440, 0o640)] {
            let (dir, store, side) = store(of_store);
            open_side_file(&side, &store).unwrap();
            assert_eq!(mode(&side), expected);
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn what_root_makes_belongs_to_the_owner_of_the_store() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        let (_dir, store, side) = store(0o600);
        chown(&store, Some(65_534), Some(65_533)).unwrap();
        open_side_file(&side, &store).unwrap();
        let made = fs::metadata(&side).unwrap();
        assert_eq!((made.uid(), made.gid()), (65_534, 65_533));
    }

    #[test]
    fn what_root_has_left_behind_is_given_back() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        let (_dir, store, side) = store(0o640);
        fs::write(&side, "").unwrap();
        chown(&store, Some(65_534), None).unwrap();
        open_side_file(&side, &store).unwrap();
        assert_eq!((fs::metadata(&side).unwrap().uid(), mode(&side)), (65_534, 0o640));
    }
}
