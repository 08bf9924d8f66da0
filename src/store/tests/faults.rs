//! Every single failure of a system call, and renames as Windows fails them.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use super::layer::{Fault, Layer};
use super::world::{Scene, all_options, calls_of, disk, layer};
use crate::store::file::atomic::Durability;
use crate::store::file::files::Files;
use crate::store::file::update::UpdateOptions;

#[test]
fn any_call_may_fail_once() {
    for options in all_options() {
        let calls = calls_of(|files| drop(Scene::new().update(files, options)));
        for (at, call) in calls.iter().enumerate() {
            for kind in [ErrorKind::Other, ErrorKind::PermissionDenied, ErrorKind::StorageFull] {
                let scene = Scene::new();
                let outcome = scene.update(&layer(Fault::Fail(kind), at), options);
                let place = format!("{kind:?} in {call} ({at}): {outcome:?}");
                let count = scene.whole_count();
                if matches!(outcome, Ok(Some(_))) {
                    assert_eq!(count, 1, "{place}");
                }
                scene.healthy_update(options);
                assert_eq!(scene.whole_count(), count + 1, "{place}");
                scene.settle(&disk()).unwrap();
                scene.assert_no_litter();
            }
        }
    }
}

#[test]
fn the_cause_of_a_failed_write_can_be_told_from_the_code() {
    let options = UpdateOptions { durability: Durability::Full, ..UpdateOptions::default() };
    let calls = calls_of(|files| drop(Scene::new().update(files, options)));
    for (call, kind, code) in [
        ("write", ErrorKind::StorageFull, "ERR_STORE_NO_SPACE"),
        ("write", ErrorKind::QuotaExceeded, "ERR_STORE_NO_SPACE"),
        ("write", ErrorKind::FileTooLarge, "ERR_STORE_NO_SPACE"),
        ("create_file", ErrorKind::PermissionDenied, "ERR_STORE_READ_ONLY"),
        ("create_dir", ErrorKind::ReadOnlyFilesystem, "ERR_STORE_READ_ONLY"),
        ("flush", ErrorKind::Other, "ERR_STORE_IO"),
        ("canonicalize", ErrorKind::NotFound, "ERR_STORE_MISSING"),
    ] {
        let scene = Scene::new();
        let at = calls.iter().position(|name| *name == call).unwrap();
        let error = scene.update(&layer(Fault::Fail(kind), at), options).unwrap_err();
        assert_eq!(error.code(), code, "{call} {kind:?}");
        assert_eq!(scene.whole_count(), 0);
    }
}

fn busy(times: usize) -> Arc<dyn Files> {
    let layer = Layer::new(Fault::None, 0);
    *layer.busy_renames.lock().unwrap() = times;
    Arc::new(layer)
}

#[test]
fn a_target_that_is_held_open_for_a_moment_is_replaced() {
    for options in all_options() {
        let scene = Scene::new();
        scene.update(&busy(5), options).unwrap().unwrap();
        assert_eq!(scene.whole_count(), 1);
    }
}

#[test]
fn a_target_that_is_held_open_for_good_stays_and_has_a_code_of_its_own() {
    for options in all_options() {
        let scene = Scene::new();
        let error = scene.update(&busy(usize::MAX), options).unwrap_err();
        assert_eq!(error.code(), "ERR_STORE_BUSY");
        assert_eq!(scene.whole_count(), 0);
        scene.settle(&disk()).unwrap();
        scene.assert_no_litter();
    }
}

#[test]
fn where_no_link_can_be_made_a_relaxed_update_is_flushed() {
    let options = UpdateOptions { durability: Durability::Relaxed, ..UpdateOptions::default() };
    let calls = calls_of(|files| drop(Scene::new().update(files, options)));
    assert!(!calls.contains(&"flush"), "{calls:?}");
    let link = calls.iter().position(|call| *call == "link").unwrap();
    let layer = Arc::new(Layer::new(Fault::Fail(ErrorKind::Unsupported), link));
    let files: Arc<dyn Files> = Arc::<Layer>::clone(&layer);
    let scene = Scene::new();
    let done = scene.update(&files, options).unwrap().unwrap();
    assert_eq!(done.unflushed, None);
    assert!(layer.calls().contains(&"flush"));
    scene.assert_no_litter();
}

/// Windows keeps the name of a file as long as somebody has it open.
#[cfg(unix)]
#[test]
fn a_sidecar_that_is_replaced_while_it_is_being_locked_is_locked_again() {
    let calls = calls_of(|files| drop(Scene::new().update(files, UpdateOptions::default())));
    let lock = calls.iter().position(|call| *call == "lock").unwrap();
    let scene = Scene::new();
    let sidecar = scene.beside(".native-lock");
    let remove = Box::new(move || fs::remove_file(&sidecar).unwrap());
    let layer = Arc::new(Layer::new(Fault::Intrude(remove), lock));
    let files: Arc<dyn Files> = Arc::<Layer>::clone(&layer);
    scene.update(&files, UpdateOptions::default()).unwrap().unwrap();
    assert_eq!(layer.calls().iter().filter(|call| **call == "lock").count(), 2);
    scene.assert_no_litter();
}
