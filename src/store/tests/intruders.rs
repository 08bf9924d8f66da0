//! A host that comes in between any two system calls of ours, doing what `proper-lockfile` does.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::layer::Fault;
use super::world::{Scene, all_options, calls_of, disk, layer, text};
use crate::store::file::files::{Disk, Files};
use crate::store::file::lock::{Guard, LockForm};
use crate::store::file::update::UpdateOptions;

/// A directory that a host made and died over.
fn leave_stale_directory(scene: &Scene) {
    fs::create_dir(scene.beside(".lock")).unwrap();
    scene.age_lock();
}

#[test]
fn a_host_that_takes_over_the_same_stale_lock_keeps_it() {
    let form = LockForm::Directory;
    let calls = calls_of(|files| {
        let scene = Scene::new();
        leave_stale_directory(&scene);
        drop(Guard::acquire(Arc::clone(files), &scene.store, form, &|| true));
    });
    for at in 0..calls.len() {
        let scene = Scene::new();
        leave_stale_directory(&scene);
        let (lock, host_has_it) = (scene.beside(".lock"), Arc::new(AtomicBool::new(false)));
        let (path, has_it) = (lock.clone(), Arc::clone(&host_has_it));
        let host = Box::new(move || {
            let limit = SystemTime::now() - Duration::from_secs(30);
            if Disk.stat(&path).is_ok_and(|entry| entry.modified < limit) {
                let _ = fs::remove_dir(&path);
            }
            has_it.store(fs::create_dir(&path).is_ok(), Ordering::Relaxed);
        });
        let guard =
            Guard::acquire(layer(Fault::Intrude(host), at), &scene.store, form, &|| true).unwrap();
        if host_has_it.load(Ordering::Relaxed) && lock.exists() {
            // The last calls are those of the release; up to there the host cannot have got it beside us.
            assert!(guard.is_none() || at >= calls.len() - 3, "before {} of {calls:?}", calls[at]);
        }
        let host_lost = host_has_it.load(Ordering::Relaxed) && !lock.exists();
        assert!(!host_lost, "before {} ({at}) of {calls:?}", calls[at]);
    }
}

/// The fault of `proper-lockfile`: one that looked before we took over a stale lock removes ours after.
#[test]
fn an_update_whose_lock_is_taken_away_starts_over_and_loses_nothing() {
    for options in all_options() {
        let calls = calls_of(|files| drop(Scene::new().update(files, options)));
        let visible = calls.iter().position(|call| *call == "rename_new").unwrap() + 1;
        let replaced = calls.iter().rposition(|call| *call == "rename").unwrap();
        for at in visible..replaced {
            let scene = Scene::new();
            let (lock, store) = (scene.beside(".lock"), scene.store.clone());
            let thief = Box::new(move || {
                if lock.is_dir() {
                    fs::remove_dir(&lock).unwrap();
                } else {
                    fs::remove_file(&lock).unwrap();
                }
                fs::create_dir(&lock).unwrap();
                fs::write(&store, text(10)).unwrap();
                fs::remove_dir(&lock).unwrap();
            });
            let outcome = scene.update(&layer(Fault::Intrude(thief), at), options).unwrap();
            assert!(outcome.is_some());
            assert_eq!(scene.whole_count(), 11, "before {} ({at}) of {calls:?}", calls[at]);
            scene.settle(&disk()).unwrap();
            scene.assert_no_litter();
        }
    }
}

#[test]
fn a_lock_that_was_taken_away_is_not_released() {
    let scene = Scene::new();
    let guard = Guard::acquire(disk(), &scene.store, LockForm::Directory, &|| true);
    let mut guard = guard.unwrap().unwrap();
    fs::remove_dir(scene.beside(".lock")).unwrap();
    fs::create_dir(scene.beside(".lock")).unwrap();
    assert!(!guard.is_held());
    assert!(!guard.refresh().unwrap());
    drop(guard);
    assert!(scene.beside(".lock").exists());
    assert!(matches!(scene.update(&disk(), UpdateOptions::default()), Ok(None)));
}

#[test]
fn a_heartbeat_gives_the_lock_a_new_time() {
    let scene = Scene::new();
    let guard = Guard::acquire(disk(), &scene.store, LockForm::Directory, &|| true);
    let mut guard = guard.unwrap().unwrap();
    let before = Disk.stat(&scene.beside(".lock")).unwrap();
    assert!(guard.refresh().unwrap());
    let after = Disk.stat(&scene.beside(".lock")).unwrap();
    assert!(after.modified > before.modified);
    assert!(guard.is_held());
    drop(guard);
    assert!(!scene.beside(".lock").exists());
}

/// Windows keeps a directory as long as a file in it is open.
#[cfg(unix)]
#[test]
fn a_directory_that_vanishes_at_any_call_is_missing_and_not_made_again() {
    for options in all_options() {
        let calls = calls_of(|files| drop(Scene::new().update(files, options)));
        let replaced = calls.iter().rposition(|call| *call == "rename").unwrap();
        for (at, call) in calls.iter().enumerate().take(replaced + 1) {
            let scene = Scene::new();
            let directory = scene.store.parent().unwrap().to_path_buf();
            let vanish = Box::new(move || fs::remove_dir_all(&directory).unwrap());
            let error = scene.update(&layer(Fault::Intrude(vanish), at), options).unwrap_err();
            assert_eq!(error.code(), "ERR_STORE_MISSING", "before {call} ({at}): {error}");
            assert!(!scene.store.parent().unwrap().exists());
        }
    }
}
