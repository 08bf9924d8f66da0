use std::cell::Cell;

use super::*;
use crate::pool::owner::ticket;
use crate::rotation::pool_document::{Owner, Reservation, Ticket};
use crate::store::tests::ended_process;

const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

fn reservation(ticket: Ticket) -> Reservation {
    Reservation {
        ticket,
        profile: "a".into(),
        model: None,
        probe: false,
        refused_at: None,
        session: None,
        tries: None,
        at: NOW,
    }
}

fn with_pool<T>(store: &Path, work: impl FnMut(&mut Pool) -> T) -> T {
    with_pool_at(&SystemClock, store, work)
}

fn with_pool_at<T>(clock: &dyn Clock, store: &Path, mut work: impl FnMut(&mut Pool) -> T) -> T {
    let mut answer = None;
    let backend = FileBackend::beside(vec![store.to_path_buf()]);
    backend.change_by(clock, NOW, &mut |pool| answer = Some(work(pool)));
    answer.unwrap()
}

fn in_flight(store: &Path) -> usize {
    with_pool(store, |pool| pool.in_flight("a"))
}

#[test]
fn what_one_call_reserves_the_next_one_sees_and_a_release_ends() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    let ticket = ticket();
    with_pool(&store, |pool| pool.reserve(reservation(ticket)));
    assert_eq!(in_flight(&store), 1);
    with_pool(&store, |pool| pool.release(ticket));
    assert_eq!(in_flight(&store), 0);
}

#[test]
fn a_reservation_of_a_process_that_ended_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    let owner = Owner::of_pid(ended_process());
    with_pool(&store, |pool| pool.reserve(reservation(Ticket { owner, serial: 1 })));
    assert_eq!(in_flight(&store), 0);
}

#[test]
fn a_text_that_is_cut_counts_as_empty_and_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    let path = sibling(&store, ".native-pool");
    std::fs::write(&path, "{\"reservations\":[{\"pid\":1,").unwrap();
    with_pool(&store, |pool| pool.reserve(reservation(ticket())));
    assert_eq!(in_flight(&store), 1);
    assert!(serde_json::from_slice::<Pool>(&std::fs::read(&path).unwrap()).is_ok());
}

#[test]
fn without_a_file_this_process_keeps_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("missing").join("auth-profiles.json");
    let ticket = ticket();
    with_pool(&store, |pool| pool.reserve(reservation(ticket)));
    assert_eq!(in_flight(&store), 1);
    with_pool(&store, |pool| pool.release(ticket));
    assert_eq!(in_flight(&store), 0);
}

/// Sleeps take no time and are counted.
struct Skipped {
    started: Instant,
    slept: Cell<Duration>,
}

impl Skipped {
    fn new() -> Self {
        Self { started: Instant::now(), slept: Cell::default() }
    }
}

impl Clock for Skipped {
    fn now(&self) -> Instant {
        self.started + self.slept.get()
    }

    fn sleep(&self, time: Duration) {
        self.slept.set(self.slept.get() + time);
    }
}

fn stuck(store: &Path) -> Locked {
    Locked::open(&SystemClock, &sibling(store, ".native-pool"), store, LONGEST_WAIT).unwrap()
}

#[test]
fn a_stuck_lock_delays_the_first_change_by_a_second_and_later_ones_hardly() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    let stuck = stuck(&store);
    let time = Skipped::new();
    let ask = || with_pool_at(&time, &store, |pool| pool.in_flight("a"));
    assert_eq!(ask(), 0);
    let first = time.slept.take();
    assert!(first >= LONGEST_WAIT && first <= LONGEST_WAIT + LONGEST_PAUSE, "{first:?}");
    for _ in 0..10 {
        assert_eq!(ask(), 0);
        let later = time.slept.take();
        assert!(later <= 2 * LONGEST_WAIT_IF_STUCK, "{later:?}");
    }
    drop(stuck);
    // Once the lock was had, waits are long again.
    assert_eq!(ask(), 0);
    assert_eq!(time.slept.take(), Duration::ZERO);
    let stuck = self::stuck(&store);
    assert_eq!(ask(), 0);
    assert!(time.slept.take() >= LONGEST_WAIT);
    drop(stuck);
}

#[test]
fn what_happens_while_the_lock_is_stuck_is_in_the_file_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    let (before, meanwhile) = (ticket(), ticket());
    with_pool(&store, |pool| pool.reserve(reservation(before)));
    let stuck = stuck(&store);
    let time = Skipped::new();
    with_pool_at(&time, &store, |pool| pool.reserve(reservation(meanwhile)));
    with_pool_at(&time, &store, |pool| pool.release(before));
    drop(stuck);
    let left = with_pool(&store, |pool| pool.reservations.clone());
    assert_eq!(left.iter().map(|it| it.ticket).collect::<Vec<_>>(), [meanwhile]);
    let text = std::fs::read(sibling(&store, ".native-pool")).unwrap();
    assert_eq!(serde_json::from_slice::<Pool>(&text).unwrap().reservations, left);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_its_place_does_not_block() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    let made = std::process::Command::new("mkfifo").arg(sibling(&store, ".native-pool")).status();
    assert!(made.unwrap().success());
    with_pool(&store, |pool| pool.reserve(reservation(ticket())));
    assert_eq!(in_flight(&store), 1);
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("auth-profiles.json");
    with_pool(&store, |pool| pool.reserve(reservation(ticket())));
    let mode = std::fs::metadata(sibling(&store, ".native-pool")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
