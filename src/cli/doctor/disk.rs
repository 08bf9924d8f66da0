//! Files, permissions and locks.

use std::path::Path;
use std::time::Duration;

use super::finding::{Finding, Severity};
use super::inspection::{Leftover, Scene};
use crate::cli::text::line::shown;
use crate::cli::text::time_words::{left, span};
use crate::cli::text::words::argument;
use crate::error::Error;
use crate::store::file::lock::{LockForm, Observed};

/// Everything that others may do with a file.
const OTHERS: u32 = 0o077;
/// What lets others put another file in the store's place.
const OTHERS_WRITE: u32 = 0o022;
/// Set on directories where only a file's owner may replace it.
const STICKY: u32 = 0o1000;
/// A holder shows a sign of life every 15 s, and a lock is stale after 30 s.
const LONG_HELD: Duration = Duration::from_mins(1);
/// Clocks of two machines on one file system differ.
const CLOCK_SLACK: Duration = Duration::from_mins(1);

pub(crate) fn findings(scene: &Scene) -> Vec<Finding> {
    let checks = [unreadable(scene), main(scene), recovered(scene), permissions(scene)];
    let more = [directory(scene), read_only(scene), future(scene), mounted(scene), misowned(scene)];
    let lock = scene.lock.as_ref().and_then(|lock| lock_finding(lock, &scene.store));
    let leftovers = scene.leftovers.iter().map(leftover);
    checks.into_iter().chain(more).flatten().chain(lock).chain(leftovers).collect()
}

fn path(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

fn quoted(path: &Path) -> String {
    argument(&path.to_string_lossy())
}

fn unreadable(scene: &Scene) -> Option<Finding> {
    let error = scene.documents.as_ref().err()?;
    let (code, advice) = match error {
        Error::StoreMissing { .. } => {
            ("missing", "give the right --agent-dir, or sign in with the host first".to_owned())
        }
        Error::StoreUnreadable { path, .. } => (
            "unreadable",
            format!(
                "nothing is written until it is whole: restore it from a backup, or move it away and sign in again: \
                 mv {0} {0}.broken",
                quoted(path)
            ),
        ),
        Error::StoreReadOnly { path } => {
            ("no-permission", format!("run as its owner, or: chown \"$USER\" {}", quoted(path)))
        }
        _ => ("unreadable", "look at the disk and its permissions".to_owned()),
    };
    let what = match error {
        Error::StoreReadOnly { path } => format!("{} may not be read", path.display()),
        other => other.to_string(),
    };
    Some(Finding::new(Severity::Problem, code, shown(&what), advice))
}

fn main(scene: &Scene) -> Option<Finding> {
    let fault = scene.main_fault.as_ref()?;
    let what = format!("the main agent's profiles are not inherited: {fault}");
    let advice = "run auth-failover doctor without --agent-dir";
    Some(Finding::new(Severity::Warning, "main-unreadable", shown(&what), advice))
}

fn recovered(scene: &Scene) -> Option<Finding> {
    scene.is_recovered.then(|| {
        Finding::new(
            Severity::Warning,
            "cut",
            format!(
                "{} was cut, as by a power failure; its recovery copy is read",
                path(&scene.store)
            ),
            "nothing is lost but the last second of counters: the next mark puts the copy in place",
        )
    })
}

fn permissions(scene: &Scene) -> Option<Finding> {
    let mode = scene.store_mode.filter(|mode| mode & OTHERS != 0)?;
    Some(Finding::new(
        Severity::Problem,
        "store-permissions",
        format!("other users may {} {} (mode {:04o})", may(mode), path(&scene.store), mode & 0o777),
        format!("chmod 600 {}", quoted(&scene.store)),
    ))
}

fn may(mode: u32) -> &'static str {
    match (mode & 0o044 != 0, mode & OTHERS_WRITE != 0) {
        (_, true) => "change",
        (true, false) => "read",
        (false, false) => "touch",
    }
}

fn directory(scene: &Scene) -> Option<Finding> {
    let mode = scene.directory_mode.filter(|mode| mode & OTHERS_WRITE != 0)?;
    let directory = scene.store.parent()?;
    let is_sticky = mode & STICKY != 0;
    Some(Finding::new(
        if is_sticky { Severity::Warning } else { Severity::Problem },
        "directory-permissions",
        format!(
            "other users may {} in {} (mode {mode:04o})",
            if is_sticky { "make files" } else { "replace the store" },
            path(directory)
        ),
        format!("chmod 700 {}", quoted(directory)),
    ))
}

fn read_only(scene: &Scene) -> Option<Finding> {
    // A directory that is not there is told by the missing store.
    let directory =
        scene.store.parent().filter(|_| !scene.can_write && scene.directory_mode.is_some())?;
    Some(Finding::new(
        Severity::Problem,
        "not-writable",
        format!("{} cannot be written: marks last only as long as their process", path(directory)),
        "run as the owner of the directory, or mount it writable",
    ))
}

fn future(scene: &Scene) -> Option<Finding> {
    let ahead = Some(scene.modified_ahead).filter(|ahead| *ahead > CLOCK_SLACK)?;
    Some(Finding::new(
        Severity::Warning,
        "clock",
        format!("the store was modified {} from now", span(ahead)),
        "compare this machine's clock with the one that wrote the file (date; timedatectl)",
    ))
}

fn mounted(scene: &Scene) -> Option<Finding> {
    let directory = scene.store.parent().filter(|_| scene.is_mount_point)?;
    Some(Finding::new(
        Severity::Warning,
        "single-file-mount",
        format!(
            "{} is mounted as a single file: it cannot be replaced in one step, so it is written in place",
            path(&scene.store)
        ),
        format!("mount its directory instead: {}", path(directory)),
    ))
}

fn misowned(scene: &Scene) -> Option<Finding> {
    let files: Vec<_> = scene.misowned.iter().map(|file| quoted(file)).collect();
    (!files.is_empty()).then(|| {
        Finding::new(
            Severity::Problem,
            "side-file-owner",
            format!(
                "the store's owner may be kept out by files that belong to another user: {}",
                files.join(", ")
            ),
            format!("as root: chown --reference={} {}", quoted(&scene.store), files.join(" ")),
        )
    })
}

fn lock_finding(lock: &Observed, store: &Path) -> Option<Finding> {
    let age = lock.age;
    let file = [path(store), ".lock".to_owned()].concat();
    let target = argument(&[&store.to_string_lossy(), ".lock"].concat());
    let holder = match (lock.pid, lock.has_holder) {
        (Some(pid), _) if lock.is_foreign => {
            format!("process {pid} of another container or machine")
        }
        (Some(pid), true) => format!("process {pid}"),
        (Some(pid), false) => format!("process {pid}, which has ended"),
        (None, _) => "a process that is not named".to_owned(),
    };
    if lock.is_abandoned {
        let remove = match lock.form {
            LockForm::Directory => format!("rmdir {target}"),
            LockForm::PidFile => format!("rm {target}"),
        };
        return Some(Finding::new(
            Severity::Warning,
            "stale-lock",
            format!("{file} is stale: made by {holder}, {} ago", span(age)),
            format!(
                "the next mark removes it; hosts may wait for it up to 50 s. To be rid of it now: {remove}"
            ),
        ));
    }
    let hint = lock.pid.filter(|_| !lock.is_foreign).map_or_else(
        || "see which gateway hangs: a holder renews its lock every 15 s".to_owned(),
        |pid| {
            format!("see what it does: ps -p {pid}; if it hangs, end it and the lock goes with it")
        },
    );
    (age > LONG_HELD).then(|| {
        let what = format!("{file} has been held for {} by {holder}", left(age));
        Finding::new(Severity::Warning, "long-held-lock", what, hint)
    })
}

fn leftover(leftover: &Leftover) -> Finding {
    let Leftover { path: file, age, .. } = leftover;
    let is_open = leftover.mode & OTHERS != 0;
    let severity = if is_open { Severity::Problem } else { Severity::Note };
    let open = if is_open { ", and other users may read it" } else { "" };
    let remove = format!("rm -r {}", quoted(file));
    if leftover.is_recovery_copy {
        return Finding::new(
            severity,
            "recovery-copy",
            format!("{} holds a former state of the store with its secrets{open}", path(file)),
            "left by a process that was killed; the next mark of a gateway removes it",
        );
    }
    Finding::new(
        severity,
        "leftover",
        format!("{} was left by a write that did not end, {} ago{open}", path(file), span(*age)),
        format!("it may hold secrets; no process uses it any more: {remove}"),
    )
}
