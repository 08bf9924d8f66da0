//! The lock that JavaScript sees, at `<store>.lock`.
//!
//! Contract (`proper-lockfile` 4.1.2 with the host's options; the host's later pid files): a directory is stale
//! when its modification time is over 30 s old; a pid file is stale when its process is dead. Nothing is ever
//! put into the directory, and its time is not touched by anyone but its holder.
//!
//! A lock is made under another name, recorded in the sidecar and then renamed into place in one step that
//! fails if the name is taken. So there is no moment at which a crash leaves a lock that nobody can identify.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::lock_record::{Place, Record};
use super::owner::{Life, Process};
use super::pid_file::{self, PidFile, STALE_AFTER};
use crate::store::file::files::{Files, Stat};
use crate::store::file::side_files::sibling;

/// How long a pid file may stay without readable content: its writer may be between open and write.
const UNREADABLE_GRACE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Which form of the JS-visible lock is made. Both are respected when waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum LockForm {
    /// `proper-lockfile`: hosts up to 2026.2.12.
    #[default]
    Directory,
    /// The host's own lock: 2026.2.14 and later.
    PidFile,
}

/// The lock as it was made.
#[derive(Debug)]
pub(crate) struct VisibleLock {
    path: PathBuf,
    stat: Stat,
    record: Place,
}

impl VisibleLock {
    pub(crate) fn is_ours(&self, files: &dyn Files) -> bool {
        files.stat(&self.path).is_ok_and(|now| now == self.stat)
    }

    /// The holder's heartbeat: gives the lock a new time. False if it is no longer ours.
    pub(crate) fn refresh(&mut self, files: &dyn Files, sidecar: &File) -> io::Result<bool> {
        if !self.is_ours(files) {
            return Ok(false);
        }
        let now = SystemTime::now();
        let touched = Stat { modified: now, ..self.stat };
        self.record = self.record.other();
        Record::of(&touched, Process::current()).write(files, sidecar, self.record)?;
        files.touch(&self.path, now)?;
        let stat = files.stat(&self.path)?;
        let kept = stat.identity == self.stat.identity;
        if kept {
            self.stat = stat;
        }
        Ok(kept)
    }

    /// Removes the lock if it is still ours: a successor's lock is not ours to remove.
    pub(crate) fn release(&self, files: &dyn Files) {
        if self.is_ours(files) {
            let _ = remove(files, &self.path, self.stat.is_dir);
        }
    }
}

/// Takes the lock, or answers `None` when `give_up` says so. The caller holds the kernel lock.
pub(crate) fn acquire(
    files: &dyn Files,
    path: &Path,
    sidecar: &File,
    form: LockForm,
    kernel_lock: bool,
    give_up: &dyn Fn() -> bool,
) -> io::Result<Option<VisibleLock>> {
    let previous = Previous { records: Record::all(&files.read_sidecar(sidecar)?), kernel_lock };
    let fresh = fresh_path(path, kernel_lock);
    let mut pause = FIRST_PAUSE;
    loop {
        match files.stat(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(stat) = create(files, path, &fresh, sidecar, form)? {
                    return Ok(Some(VisibleLock {
                        path: path.to_path_buf(),
                        stat,
                        record: Place::First,
                    }));
                }
                continue;
            }
            Err(error) => return Err(error),
            Ok(entry) if is_abandoned(files, path, &entry, &previous) => {
                remove_observed(files, path, &fresh, &entry)?;
                continue;
            }
            Ok(_) => {}
        }
        if give_up() {
            return Ok(None);
        }
        files.pause(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Where an entry lies before it is the lock, and after. Under the kernel lock the name is ours alone, so what a
/// crash has left there is simply replaced.
fn fresh_path(path: &Path, kernel_lock: bool) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    if kernel_lock {
        return sibling(path, ".new");
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    sibling(path, &format!(".new-{}-{count}", std::process::id()))
}

/// Makes the lock; `None` if somebody was faster.
fn create(
    files: &dyn Files,
    path: &Path,
    fresh: &Path,
    sidecar: &File,
    form: LockForm,
) -> io::Result<Option<Stat>> {
    make_entry(files, fresh, sidecar, form)?;
    let stat = files.stat(fresh)?;
    Record::of(&stat, Process::current()).write(files, sidecar, Place::First)?;
    match files.rename_new(fresh, path) {
        Ok(()) => Ok(Some(stat)),
        Err(error) => {
            let _ = remove(files, fresh, stat.is_dir);
            match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(None),
                io::ErrorKind::Unsupported => create_in_place(files, path, sidecar, form),
                _ => Err(error),
            }
        }
    }
}

/// For systems without a rename that fails on an existing target: after a crash before the record is written, others
/// wait for the stale limit.
fn create_in_place(
    files: &dyn Files,
    path: &Path,
    sidecar: &File,
    form: LockForm,
) -> io::Result<Option<Stat>> {
    let made = match form {
        LockForm::Directory => files.create_dir(path),
        LockForm::PidFile => pid_file::write(files, path, sidecar),
    };
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        outcome => outcome?,
    }
    let stat = files.stat(path)?;
    Record::of(&stat, Process::current()).write(files, sidecar, Place::First)?;
    Ok(Some(stat))
}

/// The entry under its first name; what a crash left there is replaced.
fn make_entry(files: &dyn Files, path: &Path, sidecar: &File, form: LockForm) -> io::Result<()> {
    let make = || match form {
        LockForm::Directory => files.create_dir(path),
        LockForm::PidFile => pid_file::write(files, path, sidecar),
    };
    match make() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            remove(files, path, files.stat(path)?.is_dir)?;
            make()
        }
        outcome => outcome,
    }
}

/// Whether the entry is left over from a holder that is gone.
pub(crate) fn is_abandoned(
    files: &dyn Files,
    path: &Path,
    entry: &Stat,
    previous: &Previous,
) -> bool {
    // We hold the kernel lock, so a recorded maker on the same kernel does not. Without kernel locks its life decides; a
    // maker in another namespace, or on another machine, ends by the age of its lock, which its heartbeat renews.
    if let Some(record) = previous.records.iter().find(|record| record.made(entry)) {
        let owner = record.owner();
        let excludes = previous.kernel_lock && !owner.is_of_another_kernel();
        if excludes || owner.life(None) == Life::Dead {
            return true;
        }
    }
    let age = SystemTime::now().duration_since(entry.modified).unwrap_or_default();
    if entry.is_dir {
        return age > STALE_AFTER;
    }
    match files
        .read(path)
        .ok()
        .and_then(|(bytes, _)| serde_json::from_slice::<PidFile>(&bytes).ok())
    {
        Some(content) => content.is_abandoned(entry.modified, age),
        None => age > UNREADABLE_GRACE,
    }
}

/// What the last holder of the kernel lock left behind.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(crate) records: Vec<Record>,
    pub(crate) kernel_lock: bool,
}

/// Removes exactly the entry that was judged: a host may be removing it too, and have made its own lock since.
///
/// The entry is moved aside in one step and looked at again; what turns out to be somebody's fresh lock is put
/// back. Removing it by its name could hit that fresh lock at any time after the last look.
fn remove_observed(
    files: &dyn Files,
    path: &Path,
    aside: &Path,
    observed: &Stat,
) -> io::Result<()> {
    if !files.stat(path).is_ok_and(|now| now == *observed) {
        return Ok(());
    }
    let moved = files.rename(path, aside).or_else(|error| {
        // A file there does not make way for a directory, nor the other way round.
        remove(files, aside, files.stat(aside).map_err(|_| error)?.is_dir)?;
        files.rename(path, aside)
    });
    match moved {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        outcome => outcome?,
    }
    if files.stat(aside)? == *observed {
        return remove(files, aside, observed.is_dir);
    }
    match files.rename_new(aside, path) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => files.rename(aside, path),
        // Another lock was made in between, and stays.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

fn remove(files: &dyn Files, path: &Path, is_dir: bool) -> io::Result<()> {
    let removed = if is_dir { files.remove_dir(path) } else { files.remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use crate::store::file::files::Disk;
    use crate::store::file::lock::Namespace;
    use crate::store::tests::ended_process;

    /// A lock whose maker has an id that no process has here, and whether a later holder takes it for abandoned.
    fn is_taken_from(namespace: Option<Namespace>, kernel_lock: bool, age: Duration) -> bool {
        let owner = Process { pid: ended_process(), started: None, namespace };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auth-profiles.json.lock");
        Disk.create_dir(&path).unwrap();
        Disk.touch(&path, SystemTime::now() - age).unwrap();
        let entry = Disk.stat(&path).unwrap();
        let previous = Previous { records: vec![Record::of(&entry, owner)], kernel_lock };
        is_abandoned(&Disk, &path, &entry, &previous)
    }

    const FRESH: Duration = Duration::from_secs(1);
    const STALE: Duration = Duration::from_secs(31);

    #[test]
    fn a_holder_of_another_container_ends_by_the_age_of_its_lock_and_not_by_its_id() {
        let here = Namespace::current().unwrap();
        let container = Some(Namespace { namespace: here.namespace + 1, ..here });
        assert!(is_taken_from(Some(here), false, FRESH));
        assert!(!is_taken_from(container, false, FRESH));
        assert!(is_taken_from(container, false, STALE));
    }

    #[test]
    fn the_kernel_lock_says_that_a_holder_is_gone_on_the_same_kernel_only() {
        let here = Namespace::current().unwrap();
        let container = Some(Namespace { namespace: here.namespace + 1, ..here });
        let machine = Some(Namespace { boot: here.boot.wrapping_add(1), ..here });
        assert!(is_taken_from(container, true, FRESH));
        assert!(!is_taken_from(machine, true, FRESH));
        assert!(is_taken_from(machine, true, STALE));
    }
}
