//! What the JS-visible lock of a store looks like from outside, for people. Nothing is created, taken or removed.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::lock_record::Record;
use super::owner::{Life, Process};
use super::pid_file::PidFile;
use super::visible::{LockForm, Previous, is_abandoned};
use crate::store::file::files::Files;
use crate::store::file::side_files::sibling;

/// A JS-visible lock that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observed {
    pub form: LockForm,
    /// The process that made it, if known. For a directory only if this package made it.
    pub pid: Option<u32>,
    /// That process is in another container or on another machine, so its id means nothing here.
    pub is_foreign: bool,
    /// False if its maker has ended, as far as the system tells.
    pub has_holder: bool,
    /// Since it was made, or its holder last showed a sign of life.
    pub age: Duration,
    /// Its holder is gone: the next process that wants it may remove it.
    pub is_abandoned: bool,
}

/// Looks at the lock of a resolved store; `None` if there is none.
#[must_use]
pub(crate) fn inspect(files: &dyn Files, store: &Path) -> Option<Observed> {
    let path = sibling(store, ".lock");
    let entry = files.stat(&path).ok()?;
    let sidecar = files.read(&sibling(store, ".native-lock")).ok();
    let records = sidecar.map(|(bytes, _)| Record::all(&bytes)).unwrap_or_default();
    let owner = if entry.is_dir {
        records.iter().find(|record| record.made(&entry)).map(Record::owner)
    } else {
        let content = files.read(&path).ok();
        let content: Option<PidFile> =
            content.and_then(|(bytes, _)| serde_json::from_slice(&bytes).ok());
        content.and_then(|content| content.owner())
    };
    let made_at = Some(entry.modified).filter(|_| !entry.is_dir);
    let has_holder = owner.is_none_or(|owner: Process| owner.life(made_at) != Life::Dead);
    let previous = Previous { records, kernel_lock: false };
    Some(Observed {
        form: if entry.is_dir { LockForm::Directory } else { LockForm::PidFile },
        pid: owner.map(|owner| owner.pid),
        is_foreign: owner.is_some_and(Process::is_foreign),
        has_holder,
        age: SystemTime::now().duration_since(entry.modified).unwrap_or_default(),
        is_abandoned: is_abandoned(files, &path, &entry, &previous),
    })
}

/// Who seems to hold the lock, for an error message: words and the age of the JS-visible lock.
#[must_use]
pub(crate) fn describe_holder(files: &dyn Files, store: &Path) -> (String, Option<Duration>) {
    let Some(lock) = inspect(files, store) else { return ("another process".to_owned(), None) };
    let elsewhere = if lock.is_foreign { " of another container or machine" } else { "" };
    let holder = lock
        .pid
        .map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}{elsewhere}"));
    let path = sibling(store, ".lock");
    (format!("{holder} ({})", path.display()), Some(lock.age))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::files::Disk;
    use crate::store::tests::ended_process;
    use std::fs;

    fn with_lock_file(content: &str) -> Option<Observed> {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("auth-profiles.json");
        fs::write(sibling(&store, ".lock"), content).unwrap();
        inspect(&Disk, &store)
    }

    #[test]
    fn no_lock_is_none_and_nothing_is_made() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(inspect(&Disk, &directory.path().join("auth-profiles.json")), None);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_fresh_directory_is_held_by_somebody_unknown() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("auth-profiles.json");
        fs::create_dir(sibling(&store, ".lock")).unwrap();
        let lock = inspect(&Disk, &store).unwrap();
        assert_eq!((lock.form, lock.pid), (LockForm::Directory, None));
        assert!(lock.has_holder && !lock.is_abandoned);
    }

    #[test]
    fn a_pid_file_tells_its_holder_and_whether_it_lives() {
        let mine = with_lock_file(&format!("{{\"pid\":{}}}", std::process::id())).unwrap();
        assert_eq!((mine.form, mine.pid), (LockForm::PidFile, Some(std::process::id())));
        assert!(mine.has_holder && !mine.is_abandoned);
        let dead = with_lock_file(&format!("{{\"pid\":{}}}", ended_process())).unwrap();
        assert!(!dead.has_holder && dead.is_abandoned);
    }
}
