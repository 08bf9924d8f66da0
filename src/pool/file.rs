//! The pool's file: what the processes that share a store know of each other's requests, beside the store.
//!
//! Protocol: lock `<store>.native-pool`, read it, change it, write it in place, unlock. The kernel frees the lock when its
//! holder dies; a text that a crash left half written counts as empty. Only native processes know this file, so the lock
//! that hosts see is not taken. It is never flushed: after a power cut no request is under way.
//!
//! If the file cannot be opened or locked, this process uses a pool of its own and merges it into the file later.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::owner::{RENEW_EVERY, SEEN, me};
use super::queue::{self, Change};
use crate::background::{lock, timer};
use crate::rotation::pool_document::Pool;
use crate::store::file::side_files::{open_side_file, sibling};
use crate::time::WallMs;

/// A holder needs a fraction of a millisecond; a stopped process must not block all others.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// After such a wait was in vain, later waits are this short until the lock is had again.
const LONGEST_WAIT_IF_STUCK: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(4);
/// Far beyond what the bounds of a pool allow.
const LARGEST_FILE: u64 = 4 << 20;

/// The pools of stores whose directory takes no file, or whose file is stuck.
static OWN: LazyLock<Mutex<HashMap<PathBuf, Pool>>> = LazyLock::new(Mutex::default);
/// One mutex a pool, so that this process's threads do not compete for the file's lock.
static TURNS: LazyLock<Mutex<HashMap<PathBuf, Arc<Mutex<()>>>>> = LazyLock::new(Mutex::default);

/// The clock of a wait for the lock; in tests a sleep takes no time.
trait Clock {
    fn now(&self) -> Instant;
    fn sleep(&self, time: Duration);
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// The pool beside the first of these stores that exists, links followed: agents that share the main agent's accounts
/// share its pool.
#[derive(Debug, Clone)]
pub(crate) struct FileBackend {
    stores: Vec<PathBuf>,
}

impl FileBackend {
    /// At least one store.
    #[must_use]
    pub(crate) fn beside(stores: Vec<PathBuf>) -> Self {
        Self { stores }
    }

    fn store(&self) -> PathBuf {
        let real = self.stores.iter().find_map(|store| std::fs::canonicalize(store).ok());
        real.or_else(|| self.stores.last().cloned()).unwrap_or_default()
    }
}

impl Backend for FileBackend {
    fn change(&self, now: WallMs, work: &mut dyn FnMut(&mut Pool)) {
        self.change_by(&SystemClock, now, work);
    }

    fn submit(&self, change: Change) {
        // Keyed by name: resolving links would touch the disk.
        queue::push(self.stores.clone(), change, || {
            let backend = self.clone();
            Box::new(move |now, work| backend.change(now, work))
        });
    }
}

impl FileBackend {
    fn change_by(&self, clock: &dyn Clock, now: WallMs, work: &mut dyn FnMut(&mut Pool)) {
        let store = &self.store();
        let path = &sibling(store, ".native-pool");
        let turn = Arc::clone(lock(&TURNS).entry(path.clone()).or_default());
        let _turn = lock(&turn);
        let wait = if lock(&OWN).contains_key(path) { LONGEST_WAIT_IF_STUCK } else { LONGEST_WAIT };
        let Ok(mut file) = Locked::open(clock, path, store, wait) else {
            // Taken out of the map, so that a panic of `work` leaves the other pools usable.
            let mut pool = lock(&OWN).remove(path).unwrap_or_default();
            pool.prune(SEEN.judge(path, &pool, now, clock.now()), now);
            work(&mut pool);
            lock(&OWN).insert(path.clone(), pool);
            return;
        };
        let before = file.read().unwrap_or_default();
        let mut pool: Pool = serde_json::from_slice(&before).unwrap_or_default();
        if let Some(own) = lock(&OWN).remove(path) {
            pool.absorb(own);
        }
        pool.prune(SEEN.judge(path, &pool, now, clock.now()), now);
        work(&mut pool);
        if pool.renew(me(), RENEW_EVERY / 2, now) {
            keep_renewed(path, store);
        }
        file.write(&pool, &before);
    }
}

/// Stores whose pool has a reservation of this process, and so a timer that renews the lease.
static RENEWED: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// Renews this process's lease until it has no reservation left, from a native thread: a busy event loop must not make
/// other containers take the account for free.
fn keep_renewed(path: &Path, store: &Path) {
    let mut renewed = lock(&RENEWED);
    if !renewed.contains(path) && schedule_renewal(path.to_path_buf(), store.to_path_buf()) {
        renewed.insert(path.to_path_buf());
    }
}

fn schedule_renewal(path: PathBuf, store: PathBuf) -> bool {
    let renew = move || {
        // Under the same lock as the last check, so that a new reservation either starts a timer or is seen by this one.
        let turn = Arc::clone(lock(&TURNS).entry(path.clone()).or_default());
        let _turn = lock(&turn);
        let is_needed = renew_lease(&path, &store).unwrap_or(true);
        if !is_needed || !schedule_renewal(path.clone(), store) {
            lock(&RENEWED).remove(&path);
        }
    };
    timer::after(RENEW_EVERY, "lease", renew).is_some()
}

/// Changes nothing but the lease. False if there is no reservation left to renew it for.
fn renew_lease(path: &Path, store: &Path) -> io::Result<bool> {
    let mut file = Locked::open(&SystemClock, path, store, LONGEST_WAIT)?;
    let before = file.read()?;
    let mut pool: Pool = serde_json::from_slice(&before).unwrap_or_default();
    let is_needed = pool.renew(me(), Duration::ZERO, WallMs::now());
    file.write(&pool, &before);
    Ok(is_needed)
}

struct Locked(File);

impl Locked {
    fn open(clock: &dyn Clock, path: &Path, store: &Path, wait: Duration) -> io::Result<Self> {
        let file = open_side_file(path, store)?;
        if !file.metadata()?.is_file() {
            // Reading a pipe would block for ever.
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let deadline = clock.now() + wait;
        let mut pause = Duration::from_micros(100);
        // Spelled out: std has methods of the same name.
        while let Err(error) = fs4::FileExt::try_lock(&file) {
            if !matches!(error, fs4::TryLockError::WouldBlock) || clock.now() >= deadline {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            clock.sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(Self(file))
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.0).take(LARGEST_FILE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A pool that cannot be written is as good as lost, which does no harm.
    fn write(&mut self, pool: &Pool, before: &[u8]) {
        let Ok(bytes) = serde_json::to_vec(pool) else { return };
        if bytes == before {
            return;
        }
        let overwrite = || {
            let mut file = &self.0;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&bytes)?;
            file.set_len(bytes.len() as u64)
        };
        let _: io::Result<()> = overwrite();
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = fs4::FileExt::unlock(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::pool::owner::ticket;
    use crate::rotation::pool_document::{Owner, Reservation, Ticket};

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);

    fn reservation(ticket: Ticket) -> Reservation {
        Reservation {
            ticket,
            profile: "a".into(),
            model: None,
            probe: false,
            session: None,
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
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let owner = Owner::of_pid(child.id());
        child.wait().unwrap();
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
        let made =
            std::process::Command::new("mkfifo").arg(sibling(&store, ".native-pool")).status();
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
}
