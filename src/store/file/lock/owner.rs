//! Whether the process that made a lock still lives. A process id alone is not enough: ids are used again, and in another
//! container or on another machine the same id is another process.
//!
//! Invariant: only a process of our own pid namespace is ever called dead.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use super::namespace::Namespace;
use super::processes::{is_there, start_time, wall_clock};

/// Boot time is known to the second, file times come from a coarser clock.
const CLOCK_SLACK: Duration = Duration::from_secs(2);

/// A process by its id and, where the system tells, the moment it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// Clock ticks since boot on Linux (field 22 of `/proc/<pid>/stat`), as newer hosts record it; steps of 100 ns since
    /// 1601 on Windows.
    pub(crate) started: Option<u64>,
    /// Where the id means something. `None` from where there is no such thing, and in what older versions and hosts have
    /// written: those are taken for our own.
    pub(crate) namespace: Option<Namespace>,
}

/// What can be said of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    Dead,
    /// It is in another namespace.
    Unknown,
}

impl Process {
    pub(crate) fn current() -> Self {
        // Asked once: a fork would make the answer wrong, but Node starts processes anew.
        static CURRENT: LazyLock<Process> = LazyLock::new(|| {
            let pid = std::process::id();
            Process { pid, started: start_time(pid), namespace: Namespace::current() }
        });
        *CURRENT
    }

    /// Whether it is in another pid namespace, where its id says nothing to us.
    pub(crate) fn is_foreign(self) -> bool {
        self.namespace.is_some() && self.namespace != Namespace::current()
    }

    /// Whether it runs on another kernel, whose locks may not be ours.
    pub(crate) fn is_of_another_kernel(self) -> bool {
        let boot = |namespace: Namespace| namespace.boot;
        self.namespace.is_some() && self.namespace.map(boot) != Namespace::current().map(boot)
    }

    /// Dead means certainly dead: no such process, a zombie, or another process with the same id, known by
    /// its recorded start or by having started after `made_at`, when the lock was made.
    pub(crate) fn life(self, made_at: Option<SystemTime>) -> Life {
        if self.is_foreign() {
            return Life::Unknown;
        }
        if !is_there(self.pid) {
            return Life::Dead;
        }
        let now = start_time(self.pid);
        let reused = match (self.started, now, made_at) {
            (Some(recorded), Some(now), _) => recorded != now,
            (None, Some(now), Some(made_at)) => {
                wall_clock(now).is_some_and(|started| started > made_at + CLOCK_SLACK)
            }
            _ => false,
        };
        if reused { Life::Dead } else { Life::Alive }
    }
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use super::*;
    use crate::store::tests::{brief_child, ended_process};

    fn local(pid: u32) -> Process {
        Process { pid, started: None, namespace: None }
    }

    #[test]
    fn a_process_of_another_namespace_is_never_dead() {
        let ended = ended_process();
        let here = Namespace::current().unwrap();
        for elsewhere in [
            Namespace { namespace: here.namespace + 1, ..here },
            Namespace { boot: here.boot.wrapping_add(1), ..here },
        ] {
            let process = Process { namespace: Some(elsewhere), ..local(ended) };
            assert_eq!(process.life(None), Life::Unknown);
        }
        let process = Process { namespace: Some(here), ..local(ended) };
        assert_eq!(process.life(None), Life::Dead);
    }

    #[test]
    fn this_process_lives() {
        assert_eq!(Process::current().life(None), Life::Alive);
        assert_eq!(Process::current().life(Some(SystemTime::now())), Life::Alive);
    }

    #[test]
    fn the_same_id_with_another_start_is_another_process() {
        let mut process = Process::current();
        process.started = process.started.map(|ticks| ticks + 1);
        assert_eq!(process.life(None), Life::Dead);
    }

    #[test]
    fn a_process_younger_than_the_lock_did_not_make_it() {
        let process = local(std::process::id());
        let long_ago = SystemTime::now() - Duration::from_hours(24 * 365);
        assert_eq!(process.life(Some(long_ago)), Life::Dead);
    }

    #[test]
    fn a_child_that_ended_is_dead_even_while_nobody_has_waited_for_it() {
        let mut child = brief_child();
        let process = local(child.id());
        while process.life(None) != Life::Dead {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert_eq!(process.life(None), Life::Dead);
    }
}
