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
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::owner::{Life, Process};
use super::record::Record;
use super::sibling;
use crate::store::files::{Files, Stat};

/// The host's stale limit.
const STALE_AFTER: Duration = Duration::from_secs(30);
/// How long a pid file may stay without readable content: its writer may be between open and write.
const UNREADABLE_GRACE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Which form of the JS-visible lock is made. Both are respected when waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LockForm {
    /// `proper-lockfile`: hosts up to 2026.2.12.
    #[default]
    Directory,
    /// The host's own lock: 2026.2.14 and later.
    PidFile,
}

/// The lock as it was made.
#[derive(Debug)]
pub(super) struct VisibleLock {
    path: PathBuf,
    stat: Stat,
}

impl VisibleLock {
    pub(super) fn is_ours(&self, files: &dyn Files) -> bool {
        files.stat(&self.path).is_ok_and(|now| now == self.stat)
    }

    /// The holder's heartbeat: gives the lock a new time. False if it is no longer ours.
    pub(super) fn refresh(&mut self, files: &dyn Files, sidecar: &File) -> io::Result<bool> {
        if !self.is_ours(files) {
            return Ok(false);
        }
        let now = SystemTime::now();
        let record = Record::about_to_touch(&self.stat, Process::current(), now);
        files.write_sidecar(sidecar, &record.to_bytes())?;
        files.touch(&self.path, now)?;
        let stat = files.stat(&self.path)?;
        let kept = stat.identity == self.stat.identity;
        if kept {
            self.stat = stat;
        }
        Ok(kept)
    }

    /// Removes the lock if it is still ours: a successor's lock is not ours to remove.
    pub(super) fn release(&self, files: &dyn Files) {
        if self.is_ours(files) {
            let _ = remove(files, &self.path, self.stat.is_dir);
        }
    }
}

/// Takes the lock, or answers `None` when `give_up` says so. The caller holds the kernel lock.
pub(super) fn acquire(
    files: &dyn Files,
    path: &Path,
    sidecar: &File,
    form: LockForm,
    kernel_lock: bool,
    give_up: &dyn Fn() -> bool,
) -> io::Result<Option<VisibleLock>> {
    let record = Record::from_bytes(&files.read_sidecar(sidecar)?);
    let previous = Previous { record: record.as_ref(), kernel_lock };
    let mut pause = FIRST_PAUSE;
    loop {
        match files.stat(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(stat) = create(files, path, sidecar, form)? {
                    return Ok(Some(VisibleLock { path: path.to_path_buf(), stat }));
                }
                continue;
            }
            Err(error) => return Err(error),
            Ok(entry) if is_abandoned(files, path, &entry, &previous) => {
                remove_observed(files, path, &entry)?;
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

/// Makes the lock; `None` if somebody was faster.
fn create(
    files: &dyn Files,
    path: &Path,
    sidecar: &File,
    form: LockForm,
) -> io::Result<Option<Stat>> {
    let fresh = sibling(path, ".new");
    make_entry(files, &fresh, form)?;
    let stat = files.stat(&fresh)?;
    files.write_sidecar(sidecar, &Record::of(&stat, Process::current()).to_bytes())?;
    match files.rename_new(&fresh, path) {
        Ok(()) => Ok(Some(stat)),
        Err(error) => {
            let _ = remove(files, &fresh, stat.is_dir);
            match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(None),
                io::ErrorKind::Unsupported => create_in_place(files, path, sidecar, form),
                _ => Err(error),
            }
        }
    }
}

/// For systems without a rename that spares its target: a crash before the record is written costs the stale limit.
fn create_in_place(
    files: &dyn Files,
    path: &Path,
    sidecar: &File,
    form: LockForm,
) -> io::Result<Option<Stat>> {
    let made = match form {
        LockForm::Directory => files.create_dir(path),
        LockForm::PidFile => write_pid_file(files, path),
    };
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        outcome => outcome?,
    }
    let stat = files.stat(path)?;
    files.write_sidecar(sidecar, &Record::of(&stat, Process::current()).to_bytes())?;
    Ok(Some(stat))
}

/// The entry under its first name; what a crash left there is replaced.
fn make_entry(files: &dyn Files, path: &Path, form: LockForm) -> io::Result<()> {
    let make = || match form {
        LockForm::Directory => files.create_dir(path),
        LockForm::PidFile => write_pid_file(files, path),
    };
    match make() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            remove(files, path, files.stat(path)?.is_dir)?;
            make()
        }
        outcome => outcome,
    }
}

/// `{pid, createdAt, starttime}`, spelled as the hosts read it.
fn write_pid_file(files: &dyn Files, path: &Path) -> io::Result<()> {
    let owner = Process::current();
    let created_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let mut content = serde_json::json!({ "pid": owner.pid, "createdAt": created_at });
    if let Some(ticks) = owner.started {
        content["starttime"] = ticks.into();
    }
    let mut file = files.create_file(path, 0o600)?;
    files.write(&mut file, format!("{content:#}").as_bytes())
}

/// Whether nobody holds the entry any more.
fn is_abandoned(files: &dyn Files, path: &Path, entry: &Stat, previous: &Previous<'_>) -> bool {
    if let Some(record) = previous.record.filter(|record| record.made(entry)) {
        // We hold the kernel lock, so the recorded maker does not. Without kernel locks, its life decides.
        return previous.kernel_lock || record.owner().life(None) == Life::Dead;
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
struct Previous<'a> {
    record: Option<&'a Record>,
    kernel_lock: bool,
}

/// A host's pid file. Later hosts add the start time.
#[derive(Debug, Deserialize)]
struct PidFile {
    pid: Option<u32>,
    starttime: Option<u64>,
}

impl PidFile {
    fn is_abandoned(&self, made_at: SystemTime, age: Duration) -> bool {
        let Some(pid) = self.pid else { return age > STALE_AFTER };
        match (Process { pid, started: self.starttime }).life(Some(made_at)) {
            Life::Dead => true,
            // Without a start time the id may be somebody else's by now; hosts of that time go by age too.
            Life::Alive => self.starttime.is_none() && age > STALE_AFTER,
            Life::Unknown => age > STALE_AFTER,
        }
    }
}

/// Removes exactly the entry that was judged. Somebody may have replaced it since; then it stays.
fn remove_observed(files: &dyn Files, path: &Path, observed: &Stat) -> io::Result<()> {
    if files.stat(path).is_ok_and(|now| now == *observed) {
        remove(files, path, observed.is_dir)?;
    }
    Ok(())
}

fn remove(files: &dyn Files, path: &Path, is_dir: bool) -> io::Result<()> {
    let removed = if is_dir { files.remove_dir(path) } else { files.remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Who seems to hold the lock, for an error message: words and the age of the JS-visible lock.
#[must_use]
pub fn describe_holder(files: &dyn Files, store: &Path) -> (String, Option<u64>) {
    let path = sibling(store, ".lock");
    let Ok(entry) = files.stat(&path) else {
        return ("another process".to_owned(), None);
    };
    let age = SystemTime::now().duration_since(entry.modified).unwrap_or_default();
    let pid = if entry.is_dir {
        files
            .open_sidecar(&sibling(store, ".native-lock"))
            .and_then(|sidecar| files.read_sidecar(&sidecar))
            .ok()
            .and_then(|bytes| Record::from_bytes(&bytes))
            .filter(|record| record.made(&entry))
            .map(|record| record.owner().pid)
    } else {
        let content = files.read(&path).ok();
        content.and_then(|(bytes, _)| serde_json::from_slice::<PidFile>(&bytes).ok()?.pid)
    };
    let holder = pid.map_or_else(
        || format!("another process ({})", path.display()),
        |pid| format!("process {pid} ({})", path.display()),
    );
    (holder, Some(age.as_millis() as u64))
}
