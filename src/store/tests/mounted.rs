//! A store that is mounted as a single file: it cannot be renamed over, and has no links.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use super::layer::{Fault, Layer};
use super::world::{Scene, all_options, disk};
use crate::error::Error;
use crate::store::file::files::Files;
use crate::store::file::hold::Hold;
use crate::store::file::lock::LockForm;
use crate::store::file::paths::STORE_FILE;

fn mounted(fault: Fault, at: usize) -> Arc<Layer> {
    let mut layer = Layer::new(fault, at);
    layer.mounted = Some(STORE_FILE);
    Arc::new(layer)
}

fn files(layer: &Arc<Layer>) -> Arc<dyn Files> {
    Arc::<Layer>::clone(layer)
}

/// The calls of an update on a mounted store.
fn calls() -> Vec<&'static str> {
    let layer = mounted(Fault::None, 0);
    Scene::new().update(&files(&layer), all_options().next().unwrap()).unwrap().unwrap();
    layer.calls()
}

#[test]
fn it_is_written_in_place_and_keeps_its_inode() {
    for options in all_options() {
        let scene = Scene::new();
        let inode = disk().stat(&scene.store).unwrap().identity;
        let done = scene.update(&files(&mounted(Fault::None, 0)), options).unwrap().unwrap();
        assert!(done.outcomes[0].is_in_place);
        assert_eq!(done.unflushed, None);
        assert_eq!(scene.whole_count(), 1);
        assert_eq!(disk().stat(&scene.store).unwrap().identity, inode);
        scene.assert_no_litter();
    }
}

#[test]
fn the_copy_is_safe_before_the_store_is_touched_and_goes_when_the_store_is_safe() {
    let calls = calls();
    let after = |from: usize, name: &str| {
        from + calls[from..]
            .iter()
            .position(|call| *call == name)
            .unwrap_or_else(|| panic!("{calls:?}"))
    };
    // The rename that fails, the flush of the copy, its new name, its directory; then the store.
    let refused = after(0, "rename");
    let flushed = after(refused, "flush_path");
    let named = after(flushed, "rename");
    let safe = after(named, "flush_directory");
    let truncated = after(safe, "truncate");
    let written = after(truncated, "flush");
    after(written, "remove_file");
    assert!(!calls[..safe].contains(&"truncate"), "{calls:?}");
}

#[test]
fn an_update_may_die_at_any_call() {
    for options in all_options() {
        for at in 0..calls().len() {
            for fault in [Fault::Die, Fault::DieHalfWritten] {
                let scene = Scene::new();
                let _ = scene.update(&files(&mounted(fault, at)), options);
                let before = scene.loaded_count();
                assert!(before <= 1, "{at}");
                let healthy = files(&mounted(Fault::None, 0));
                assert!(scene.update(&healthy, options).unwrap().is_some(), "{at}");
                assert_eq!(scene.whole_count(), before + 1, "{at}");
                scene.settle(&healthy).unwrap();
                assert_eq!(scene.whole_count(), before + 1, "{at}");
                scene.assert_no_litter();
            }
        }
    }
}

#[test]
fn any_call_may_fail_once() {
    for options in all_options() {
        for at in 0..calls().len() {
            let scene = Scene::new();
            let _ =
                scene.update(&files(&mounted(Fault::Fail(ErrorKind::StorageFull), at)), options);
            let before = scene.loaded_count();
            let healthy = files(&mounted(Fault::None, 0));
            assert!(scene.update(&healthy, options).unwrap().is_some(), "{at}");
            assert_eq!(scene.whole_count(), before + 1, "{at}");
        }
    }
}

fn hold(scene: &Scene, layer: &Arc<Layer>) -> Result<Option<Hold>, Error> {
    let soon = std::time::Instant::now() + std::time::Duration::from_mins(1);
    Hold::acquire(&files(layer), &scene.store, LockForm::Directory, soon)
}

#[test]
fn a_lock_is_refused_where_a_refreshed_credential_could_not_be_saved() {
    let calls_of_a_hold = {
        let layer = mounted(Fault::None, 0);
        drop(hold(&Scene::new(), &layer).unwrap().unwrap());
        layer.calls()
    };
    for (call, kind, code) in [
        ("create_file", ErrorKind::PermissionDenied, "ERR_STORE_READ_ONLY"),
        ("write", ErrorKind::StorageFull, "ERR_STORE_NO_SPACE"),
        ("open_existing", ErrorKind::ReadOnlyFilesystem, "ERR_STORE_READ_ONLY"),
    ] {
        let at = calls_of_a_hold.iter().position(|name| *name == call).unwrap();
        let scene = Scene::new();
        let error = hold(&scene, &mounted(Fault::Fail(kind), at)).unwrap_err();
        assert_eq!(error.code(), code, "{call}");
        scene.assert_no_litter();
        assert_eq!(fs::read(&scene.store).unwrap(), super::world::text(0).into_bytes());
    }
}
