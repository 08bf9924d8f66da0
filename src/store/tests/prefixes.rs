//! Every prefix of an update: the process dies before each of its system calls in turn.
//!
//! For every prefix the store is the old or the new one, whole, with its mode and credentials; and the next
//! update by a healthy process finds nothing to wait for and leaves no litter.

use std::sync::Arc;

use super::layer::{Fault, Layer};
use super::world::{Scene, all_options, calls_of, disk, layer};
use crate::store::file::atomic::Durability;
use crate::store::file::files::Files;
use crate::store::file::lock::{Guard, LockForm};
use crate::store::file::update::UpdateOptions;

/// Dies before each call of `run` in turn, on a fresh scene each time.
fn for_each_death(
    prepare: impl Fn() -> Scene,
    run: impl Fn(&Scene, &Arc<dyn Files>),
    check: impl Fn(&Scene, &str),
) {
    let calls = calls_of(|files| run(&prepare(), files));
    assert!(calls.len() > 10, "{calls:?}");
    for at in 0..calls.len() {
        for fault in [Fault::Die, Fault::DieHalfWritten] {
            let scene = prepare();
            run(&scene, &layer(fault, at));
            check(&scene, &format!("before {} ({at}) of {calls:?}", calls[at]));
        }
    }
}

/// After the death: the next update of every kind goes through at once, counts on, and cleans up.
fn recovers(scene: &Scene, next: UpdateOptions, at: &str) {
    let before = scene.loaded_count();
    assert!(before <= 1, "{before} {at}");
    scene.healthy_update(next);
    assert_eq!(scene.whole_count(), before + 1, "{at}");
    scene.settle(&disk()).unwrap();
    assert_eq!(scene.whole_count(), before + 1, "{at}");
    scene.assert_no_litter();
}

#[test]
fn an_update_may_die_at_any_call() {
    for options in all_options() {
        let other = all_options().find(|other| {
            other.lock_form != options.lock_form && other.durability != options.durability
        });
        for next in [options, other.unwrap()] {
            for_each_death(
                Scene::new,
                |scene, files| drop(scene.update(files, options)),
                |scene, at| {
                    scene.whole_count();
                    recovers(scene, next, at);
                },
            );
        }
    }
}

#[test]
fn an_update_may_die_after_a_holder_that_died() {
    for options in all_options() {
        for left in [LockForm::Directory, LockForm::PidFile] {
            for_each_death(
                || {
                    let scene = Scene::new();
                    scene.leave_dead_holder(left);
                    scene
                },
                |scene, files| drop(scene.update(files, options)),
                |scene, at| {
                    scene.whole_count();
                    recovers(scene, options, at);
                },
            );
        }
    }
}

#[test]
fn an_update_may_die_while_it_repairs_a_store_that_a_power_cut_left_empty() {
    for options in all_options() {
        for_each_death(
            || {
                let scene = Scene::new();
                scene.leave_cut_store();
                scene
            },
            |scene, files| drop(scene.update(files, options)),
            |scene, at| recovers(scene, options, at),
        );
    }
}

#[test]
fn a_flush_may_die_at_any_call() {
    let relaxed = UpdateOptions { durability: Durability::Relaxed, ..UpdateOptions::default() };
    for is_cut in [false, true] {
        for_each_death(
            || {
                let scene = Scene::new();
                if is_cut {
                    scene.leave_cut_store();
                } else {
                    scene.healthy_update(relaxed);
                }
                scene
            },
            |scene, files| drop(scene.settle(files)),
            |scene, at| recovers(scene, relaxed, at),
        );
    }
}

#[test]
fn a_holder_may_die_in_its_heartbeat() {
    let form = LockForm::Directory;
    for_each_death(
        Scene::new,
        |scene, files| {
            if let Ok(Some(mut guard)) =
                Guard::acquire(Arc::clone(files), &scene.store, form, &|| true)
            {
                let _ = guard.refresh().and_then(|_| guard.refresh());
            }
        },
        |scene, at| recovers(scene, UpdateOptions::default(), at),
    );
}

#[test]
fn without_a_sparing_rename_a_death_costs_the_stale_limit_and_nothing_else() {
    let options = UpdateOptions::default();
    let without = |fault, at| -> Arc<dyn Files> {
        let mut layer = Layer::new(fault, at);
        layer.no_rename_new = true;
        Arc::new(layer)
    };
    for at in 0..calls_of(|files| drop(Scene::new().update(files, options))).len() + 4 {
        let scene = Scene::new();
        let _ = scene.update(&without(Fault::Die, at), options);
        let before = scene.whole_count();
        if matches!(scene.update(&disk(), options), Ok(None)) {
            scene.age_lock();
            scene.healthy_update(options);
        }
        assert_eq!(scene.whole_count(), before + 1, "{at}");
        scene.assert_no_litter();
    }
}

#[test]
fn without_kernel_locks_a_lock_of_a_living_process_is_stale_after_the_limit() {
    let scene = Scene::new();
    scene.leave_dead_holder(LockForm::Directory);
    let mut layer = Layer::new(Fault::None, 0);
    layer.no_kernel_lock = true;
    let files: Arc<dyn Files> = Arc::new(layer);
    // The recorded process is this one, which lives.
    assert!(matches!(scene.update(&files, UpdateOptions::default()), Ok(None)));
    scene.age_lock();
    assert!(matches!(scene.update(&files, UpdateOptions::default()), Ok(Some(_))));
}
