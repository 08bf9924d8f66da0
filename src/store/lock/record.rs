//! What the sidecar says: which JS-visible lock its holder made, so that an orphan is known at once.
//!
//! Invariant: the record is written before the lock becomes visible, and only under the kernel lock. So a
//! JS-visible lock that matches the record, seen by a later holder of the kernel lock, has no owner any more.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::owner::Process;
use crate::store::files::Stat;

/// The record is padded to this length, so that it is replaced by one write and no truncation.
const RECORD_BYTES: usize = 256;

/// The last holder of the kernel lock and the lock entry it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pid: u32,
    started: Option<u64>,
    device: u64,
    inode: u64,
    modified_ns: u64,
    /// The time that a heartbeat was about to give the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refreshed_ns: Option<u64>,
}

impl Record {
    pub(super) fn of(entry: &Stat, owner: Process) -> Self {
        Self {
            pid: owner.pid,
            started: owner.started,
            device: entry.identity.0,
            inode: entry.identity.1,
            modified_ns: nanoseconds(entry.modified),
            refreshed_ns: None,
        }
    }

    /// The same entry, about to be touched: a crash may come before or after.
    pub(super) fn about_to_touch(entry: &Stat, owner: Process, time: SystemTime) -> Self {
        Self { refreshed_ns: Some(nanoseconds(time)), ..Self::of(entry, owner) }
    }

    pub(super) fn owner(&self) -> Process {
        Process { pid: self.pid, started: self.started }
    }

    /// Whether `entry` is the very lock that was recorded. Inodes are used again, times in nanoseconds hardly.
    pub(super) fn made(&self, entry: &Stat) -> bool {
        let modified = nanoseconds(entry.modified);
        (self.device, self.inode) == entry.identity
            && (self.modified_ns == modified || self.refreshed_ns == Some(modified))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.resize(RECORD_BYTES - 1, b' ');
        bytes.push(b'\n');
        bytes
    }

    /// `None` for a new sidecar or one that a crash left half written.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_record_reads_back_and_fits_its_frame() {
        let stat = Stat {
            is_dir: true,
            identity: (u64::MAX, u64::MAX),
            modified: UNIX_EPOCH + Duration::from_nanos(u64::MAX),
        };
        let owner = Process { pid: u32::MAX, started: Some(u64::MAX) };
        for record in
            [Record::of(&stat, owner), Record::about_to_touch(&stat, owner, stat.modified)]
        {
            let bytes = record.to_bytes();
            assert_eq!(bytes.len(), RECORD_BYTES);
            assert_eq!(Record::from_bytes(&bytes), Some(record));
        }
    }

    #[test]
    fn another_time_is_another_lock() {
        let stat = Stat { is_dir: true, identity: (1, 2), modified: UNIX_EPOCH };
        let record = Record::of(&stat, Process::current());
        assert!(record.made(&stat));
        assert!(!record.made(&Stat { modified: UNIX_EPOCH + Duration::from_nanos(1), ..stat }));
    }
}
