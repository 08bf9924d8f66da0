//! What the sidecar says: which JS-visible lock its holder made, so that an orphan is known at once.
//!
//! Invariant: the record is written before the lock becomes visible, and only under the kernel lock. So a
//! JS-visible lock that matches a record, seen by a later holder of the kernel lock, has no owner any more.
//!
//! There is room for two records, and a lock lives in one of them at a time: a heartbeat, which gives the lock a
//! new time, first writes the other one. So at no moment does a crash leave a lock without its record.

use std::fs::File;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::namespace::Namespace;
use super::owner::Process;
use crate::store::file::files::{Files, Stat};

/// A record is padded to this length, so that it is replaced by one write and no truncation.
const RECORD_BYTES: usize = 256;

/// The last holder of the kernel lock and the lock entry it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pid: u32,
    started: Option<u64>,
    device: u64,
    inode: u64,
    modified_ns: u64,
    /// Absent in what older versions have written.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
}

impl Record {
    pub(crate) fn of(entry: &Stat, owner: Process) -> Self {
        Self {
            pid: owner.pid,
            started: owner.started,
            device: entry.identity.0,
            inode: entry.identity.1,
            modified_ns: nanoseconds(entry.modified),
            namespace: owner.namespace,
        }
    }

    pub(crate) fn owner(&self) -> Process {
        Process { pid: self.pid, started: self.started, namespace: self.namespace }
    }

    /// Whether `entry` is the very lock that was recorded. Inodes are used again, times in nanoseconds hardly.
    pub(crate) fn made(&self, entry: &Stat) -> bool {
        (self.device, self.inode) == entry.identity
            && self.modified_ns == nanoseconds(entry.modified)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.resize(RECORD_BYTES - 1, b' ');
        bytes.push(b'\n');
        bytes
    }

    /// The records of a sidecar. A new one has none, and one that a crash left half written does not count.
    pub(crate) fn all(bytes: &[u8]) -> Vec<Self> {
        let records = bytes.chunks(RECORD_BYTES);
        records.filter_map(|record| serde_json::from_slice(record).ok()).collect()
    }

    /// Writes the record into one of the two places.
    pub(crate) fn write(&self, files: &dyn Files, sidecar: &File, place: Place) -> io::Result<()> {
        files.write_sidecar(sidecar, &self.to_bytes(), place as u64 * RECORD_BYTES as u64)
    }
}

/// Where a record lies in the sidecar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    First,
    Second,
}

impl Place {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
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
        let namespace = Some(Namespace { boot: u64::MAX, namespace: u64::MAX });
        let owner = Process { pid: u32::MAX, started: Some(u64::MAX), namespace };
        let record = Record::of(&stat, owner);
        let mut bytes = record.to_bytes();
        assert_eq!(bytes.len(), RECORD_BYTES);
        bytes.extend(record.to_bytes());
        assert_eq!(Record::all(&bytes), [record.clone(), record.clone()]);
        bytes[10] = b'!';
        assert_eq!(Record::all(&bytes), [record]);
    }

    #[test]
    fn a_record_of_an_older_version_is_read() {
        let text = br#"{"pid":1,"started":2,"device":3,"inode":4,"modifiedNs":5}"#;
        let records = Record::all(text);
        assert_eq!(records[0].owner(), Process { pid: 1, started: Some(2), namespace: None });
    }

    /// Windows counts in such steps.
    const STEP: Duration = Duration::from_nanos(100);

    #[test]
    fn another_time_is_another_lock() {
        let stat = Stat { is_dir: true, identity: (1, 2), modified: UNIX_EPOCH };
        let record = Record::of(&stat, Process::current());
        assert!(record.made(&stat));
        assert!(!record.made(&Stat { modified: UNIX_EPOCH + STEP, ..stat }));
    }
}
