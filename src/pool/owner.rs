//! The owner of a reservation, and whether it is alive.
//!
//! Invariant: only a process of our own pid namespace is judged by its id. One of another container or machine lives as
//! long as its lease is renewed. Whether it is renewed is measured by our own monotonic clock, because the clocks of two
//! machines differ: a lease that has not changed for [`LEASE`] since we first saw it so is over.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::background::lock;
use crate::rotation::pool_document::{Owner, Pool, Ticket};
use crate::store::file::lock::Namespace;
use crate::store::file::lock::owner::{Life, Process};
use crate::time::WallMs;

/// How often a holder renews its lease, from a native thread.
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(10);
/// A lease that was not renewed for this long is over.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// A lease older than this by the wall clock is over at once: no clocks differ by so much.
pub(crate) const LONGEST_SKEW: Duration = Duration::from_mins(15);

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// This process.
#[must_use]
pub(crate) fn me() -> Owner {
    let Process { pid, started, namespace } = Process::current();
    let (boot, namespace) = namespace.map(|it| (it.boot, it.namespace)).unzip();
    Owner { pid, started, boot, namespace }
}

/// A new reservation's identity.
#[must_use]
pub(crate) fn ticket() -> Ticket {
    Ticket { owner: me(), serial: SERIAL.fetch_add(1, Ordering::Relaxed) }
}

/// A lease of the pool at this path.
type Key = (PathBuf, Owner);
/// The bits of its time, and when it was first seen so.
type Sight = (Option<u64>, Instant);

/// When leases were first seen as they are.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<Key, Sight>>);

/// What this process has seen.
pub(crate) static SEEN: LazyLock<Seen> = LazyLock::new(Seen::default);

impl Seen {
    /// Whether each owner in the pool at `path` is alive.
    pub(crate) fn judge<'a>(
        &'a self,
        path: &'a Path,
        pool: &Pool,
        now: WallMs,
        clock: Instant,
    ) -> impl Fn(Owner) -> bool + use<'a> {
        let sight = |owner| {
            let process = process(owner);
            match () {
                () if process == Process::current() => Some(true),
                () if process.is_foreign() => None,
                () => Some(process.life(None) != Life::Dead),
            }
        };
        self.judge_by(sight, path, pool, now, clock)
    }

    /// The same for any judge: `sight` tells whether an owner lives, or nothing of one that cannot be seen, which lives as
    /// long as its lease is renewed.
    pub(crate) fn judge_by<'a, Sight: Fn(Owner) -> Option<bool>>(
        &'a self,
        sight: Sight,
        path: &'a Path,
        pool: &Pool,
        now: WallMs,
        clock: Instant,
    ) -> impl Fn(Owner) -> bool + use<'a, Sight> {
        let sight = once_each(sight);
        let leases: Vec<_> =
            pool.leases.iter().filter(|lease| sight(lease.owner).is_none()).copied().collect();
        move |owner| {
            sight(owner).unwrap_or_else(|| {
                let lease = leases.iter().find(|lease| lease.owner == owner);
                let renewed_at = lease.map(|lease| lease.renewed_at);
                renewed_at.is_none_or(|at| now.since(at) < LONGEST_SKEW)
                    && self.is_renewed(path, owner, renewed_at, clock)
            })
        }
    }

    fn is_renewed(
        &self,
        path: &Path,
        owner: Owner,
        renewed_at: Option<WallMs>,
        clock: Instant,
    ) -> bool {
        let mut seen = lock(&self.0);
        seen.retain(|_, (_, since)| clock.duration_since(*since) < 10 * LEASE);
        let renewed_at = renewed_at.map(|at| at.as_ms().to_bits());
        let known = seen.entry((path.to_path_buf(), owner)).or_insert((renewed_at, clock));
        if known.0 != renewed_at {
            *known = (renewed_at, clock);
        }
        clock.duration_since(known.1) < LEASE
    }
}

/// A busy process has hundreds of reservations, and a look at a process costs more than a choice.
fn once_each(sight: impl Fn(Owner) -> Option<bool>) -> impl Fn(Owner) -> Option<bool> {
    let known = RefCell::new(HashMap::<Owner, Option<bool>>::new());
    move |owner| *known.borrow_mut().entry(owner).or_insert_with(|| sight(owner))
}

fn process(owner: Owner) -> Process {
    let namespace = owner.boot.zip(owner.namespace);
    let namespace = namespace.map(|(boot, namespace)| Namespace { boot, namespace });
    Process { pid: owner.pid, started: owner.started, namespace }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::rotation::pool_document::Reservation;
    use crate::store::tests::ended_process;

    const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
    /// Another machine: no boot has this hash.
    const FOREIGN: Owner = Owner { pid: 1, started: Some(1), boot: Some(1), namespace: Some(1) };

    fn pool() -> Pool {
        let mut pool = Pool::default();
        let ticket = Ticket { owner: FOREIGN, serial: 1 };
        let reservation = Reservation {
            ticket,
            profile: "a".into(),
            model: None,
            probe: false,
            refused_at: None,
            session: None,
            tries: None,
            at: NOW,
        };
        pool.reserve(reservation);
        pool
    }

    fn lives(seen: &Seen, pool: &Pool, clock: Instant) -> bool {
        seen.judge(Path::new("/pool"), pool, NOW, clock)(FOREIGN)
    }

    #[test]
    fn a_foreign_holder_lives_as_long_as_its_lease_is_renewed_whatever_its_clock_says() {
        for skew in [-600_000.0, 0.0, 600_000.0] {
            let (seen, mut pool) = (Seen::default(), pool());
            let mut clock = Instant::now();
            for renewal in 0..10 {
                pool.renew(FOREIGN, Duration::ZERO, NOW + skew + f64::from(renewal));
                assert!(lives(&seen, &pool, clock));
                clock += Duration::from_secs(29);
                assert!(lives(&seen, &pool, clock));
            }
            assert!(!lives(&seen, &pool, clock + Duration::from_secs(1)));
        }
    }

    #[test]
    fn a_foreign_holder_without_a_lease_has_one_from_when_it_is_first_seen() {
        let (seen, pool, clock) = (Seen::default(), pool(), Instant::now());
        assert!(lives(&seen, &pool, clock));
        assert!(!lives(&seen, &pool, clock + LEASE));
    }

    #[test]
    fn a_lease_that_is_older_than_any_clock_is_wrong_is_over_at_once() {
        let (seen, mut pool) = (Seen::default(), pool());
        pool.renew(FOREIGN, Duration::ZERO, NOW - LONGEST_SKEW);
        assert!(!lives(&seen, &pool, Instant::now()));
    }

    #[test]
    fn each_process_is_looked_at_once_however_many_reservations_it_has() {
        let (seen, looks) = (Seen::default(), Cell::new(0));
        let sight = |_| {
            looks.set(looks.get() + 1);
            Some(true)
        };
        let judge = seen.judge_by(sight, Path::new("/pool"), &pool(), NOW, Instant::now());
        assert!((0..100).all(|_| judge(FOREIGN) && judge(me())));
        assert_eq!(looks.get(), 2);
    }

    #[test]
    fn a_process_of_our_own_is_judged_by_its_id_whatever_its_lease() {
        let owner = Owner { pid: ended_process(), started: None, ..me() };
        let (seen, pool) = (Seen::default(), Pool::default());
        let judge = seen.judge(Path::new("/pool"), &pool, NOW, Instant::now());
        assert!(judge(me()));
        assert!(!judge(owner));
    }
}
