//! Many waiters behind a holder that died: never two at once. A file handle of its own makes each thread a
//! process to the kernel lock.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::world::{Scene, disk};
use crate::store::file::lock::{Guard, LockForm};

const WAITERS: usize = 8;
const ROUNDS: usize = 100;

#[test]
fn eight_waiters_behind_a_dead_holder_enter_one_by_one() {
    for round in 0..ROUNDS {
        let form = if round % 2 == 0 { LockForm::Directory } else { LockForm::PidFile };
        let scene = Scene::new();
        scene.leave_dead_holder(form);
        let (inside, entered) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = Barrier::new(WAITERS);
        std::thread::scope(|threads| {
            for _ in 0..WAITERS {
                threads.spawn(|| {
                    start.wait();
                    let guard = Guard::acquire(disk(), &scene.store, form, &|| false);
                    let guard = guard.unwrap().unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two holders at once");
                    assert!(guard.is_held());
                    std::thread::yield_now();
                    entered.fetch_add(1, Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(entered.into_inner(), WAITERS);
        assert!(!scene.beside(".lock").exists());
    }
}
