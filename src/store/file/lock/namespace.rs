//! Where a process id means something: a pid namespace of one boot of one machine.
//!
//! Containers that share a volume each have their own, and so has every machine. An id of another namespace says nothing
//! here: that there is no such process does not mean that it has ended.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Namespace {
    /// A hash of the boot's id, which no two machines and no two boots share.
    pub(crate) boot: u64,
    /// The inode of the pid namespace.
    pub(crate) namespace: u64,
}

impl Namespace {
    /// `None` where the system has no such thing, or does not tell.
    pub(crate) fn current() -> Option<Self> {
        static CURRENT: LazyLock<Option<Namespace>> = LazyLock::new(look);
        *CURRENT
    }
}

/// Whether `/proc` shows this process's own namespace: in a container without a `/proc` of its own it shows another's,
/// and an id there is another process.
#[cfg(target_os = "linux")]
pub(super) fn proc_is_ours() -> bool {
    static IS_OURS: LazyLock<bool> = LazyLock::new(|| {
        std::fs::read_link("/proc/self")
            .is_ok_and(|link| link.to_str() == Some(&std::process::id().to_string()))
    });
    *IS_OURS
}

#[cfg(target_os = "linux")]
fn look() -> Option<Namespace> {
    use std::hash::Hasher;
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let link = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let namespace = link.to_str()?.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()?;
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(id.trim().as_bytes());
    Some(Namespace { boot: hasher.finish(), namespace })
}

/// A machine by its name; on a network share its processes are none of ours.
#[cfg(windows)]
fn look() -> Option<Namespace> {
    use std::hash::Hasher;
    let name = std::env::var("COMPUTERNAME").ok()?;
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(name.as_bytes());
    Some(Namespace { boot: hasher.finish(), namespace: 0 })
}

#[cfg(not(any(target_os = "linux", windows)))]
fn look() -> Option<Namespace> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_in_a_namespace_of_its_own_is_on_the_same_boot() {
        let here = Namespace::current().expect("Linux tells");
        let inner = std::process::Command::new("unshare")
            .args(["--pid", "--fork", "--mount-proc", "readlink", "/proc/self/ns/pid"])
            .output();
        let Some(inner) = inner.ok().filter(|inner| inner.status.success()) else {
            eprintln!("skipped: this user may not make namespaces");
            return;
        };
        let other = String::from_utf8_lossy(&inner.stdout);
        assert_ne!(other.trim(), format!("pid:[{}]", here.namespace));
        assert!(proc_is_ours());
    }
}
