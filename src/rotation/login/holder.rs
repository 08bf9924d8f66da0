//! Who holds a reservation or a lease of the pool.

use serde::{Deserialize, Serialize};

use crate::time::WallMs;

/// The process that a reservation dies with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub pid: u32,
    /// When the process started, where the system tells; process ids are used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// The boot and the pid namespace in which the id means something, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<u64>,
}

#[cfg(test)]
impl Owner {
    /// A process of which nothing but its id is known.
    #[must_use]
    pub(crate) const fn of_pid(pid: u32) -> Self {
        Self { pid, started: None, boot: None, namespace: None }
    }
}

/// An owner's lease. Other containers and machines cannot see the owner's process, but see whether it renews this.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lease {
    #[serde(flatten)]
    pub owner: Owner,
    /// Wall-clock milliseconds of its owner's machine.
    pub renewed_at: WallMs,
}

/// One reservation, for its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    #[serde(flatten)]
    pub owner: Owner,
    /// Unique in its process.
    pub serial: u64,
}
