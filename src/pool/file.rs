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
use super::session_log::SessionLog;
use crate::background::{lock, timer};
use crate::rotation::pool_document::Pool;
use crate::store::file::side_files::{open_side_file, sibling};
use crate::store::file::system::{locks, real_name};
use crate::time::WallMs;

/// A holder needs a fraction of a millisecond; a stopped process must not block all others.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// After such a wait was in vain, later waits are this short until the lock is had again.
const LONGEST_WAIT_IF_STUCK: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_micros(500);
/// Far beyond what the bounds of a pool allow.
const LARGEST_FILE: u64 = 4 << 20;

/// What this process has read of each pool's sessions.
static SESSIONS: LazyLock<Mutex<HashMap<PathBuf, SessionLog>>> = LazyLock::new(Mutex::default);
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

    /// The pool as its file says, without what is over, for those who only look: nothing is locked, made or changed.
    #[must_use]
    pub(crate) fn peek(&self, now: WallMs) -> Pool {
        let path = sibling(&self.store(), ".native-pool");
        let read = || {
            let file =
                File::open(&path).ok().filter(|it| it.metadata().is_ok_and(|it| it.is_file()))?;
            let mut bytes = Vec::new();
            file.take(LARGEST_FILE).read_to_end(&mut bytes).ok()?;
            serde_json::Deserializer::from_slice(&bytes).into_iter().next()?.ok()
        };
        // It is written in place: a text that is half there is whole a moment later.
        let mut pool: Pool = read().or_else(read).unwrap_or_default();
        pool.prune(SEEN.judge(&path, &pool, now, Instant::now()), now);
        pool
    }

    fn store(&self) -> PathBuf {
        let real = self.stores.iter().find_map(|store| real_name::canonicalize(store).ok());
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
        // Taken by this turn alone, so that a panic of `work` leaves the others' pools usable.
        let mut log = lock(&SESSIONS).remove(path).unwrap_or_default();
        let wait = if lock(&OWN).contains_key(path) { LONGEST_WAIT_IF_STUCK } else { LONGEST_WAIT };
        let Ok(mut file) = Locked::open(clock, path, store, wait) else {
            let mut pool = lock(&OWN).remove(path).unwrap_or_default();
            pool.is_alone = true;
            pool.sessions = log.sessions;
            pool.prune(SEEN.judge(path, &pool, now, clock.now()), now);
            work(&mut pool);
            log.sessions = std::mem::take(&mut pool.sessions);
            lock(&OWN).insert(path.clone(), pool);
            lock(&SESSIONS).insert(path.clone(), log);
            return;
        };
        let before = file.read().unwrap_or_default();
        let mut pool = parse(&before);
        if let Some(own) = lock(&OWN).remove(path) {
            pool.absorb(own);
        }
        let sessions = &sibling(store, ".native-sessions");
        log.catch_up(sessions);
        pool.sessions = log.sessions;
        pool.prune(SEEN.judge(path, &pool, now, clock.now()), now);
        work(&mut pool);
        log.sessions = std::mem::take(&mut pool.sessions);
        log.tell(sessions, store, now);
        lock(&SESSIONS).insert(path.clone(), log);
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
    let mut pool = parse(&before);
    let is_needed = pool.renew(me(), Duration::ZERO, WallMs::now());
    file.write(&pool, &before);
    Ok(is_needed)
}

/// The first value counts: a process that died while it wrote a shorter text left the end of the longer one behind it.
fn parse(bytes: &[u8]) -> Pool {
    serde_json::Deserializer::from_slice(bytes)
        .into_iter()
        .next()
        .and_then(Result::ok)
        .unwrap_or_default()
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
        while !locks::try_lock(&file)? {
            if clock.now() >= deadline {
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
        let _ = locks::unlock(&self.0);
    }
}

#[cfg(test)]
mod tests;
