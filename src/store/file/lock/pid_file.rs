//! The later hosts' form of the JS-visible lock: a file that names its holder.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::namespace::Namespace;
use super::owner::{Life, Process};
use crate::store::file::files::Files;

/// The hosts' stale limit, of either form.
pub(super) const STALE_AFTER: Duration = Duration::from_secs(30);

/// Hosts record when a process started on Linux only; what stands there elsewhere is counted in unknown steps.
const HOSTS_RECORD_STARTS: bool = cfg!(target_os = "linux");

/// A host's pid file. Later hosts add the start time.
#[derive(Debug, Deserialize)]
pub(crate) struct PidFile {
    pid: Option<u32>,
    starttime: Option<u64>,
    /// Ours only.
    #[serde(flatten)]
    namespace: Option<Namespace>,
}

impl PidFile {
    pub(crate) fn owner(&self) -> Option<Process> {
        let started = self.starttime.filter(|_| HOSTS_RECORD_STARTS);
        Some(Process { pid: self.pid?, started, namespace: self.namespace })
    }

    pub(super) fn is_abandoned(&self, made_at: SystemTime, age: Duration) -> bool {
        let Some(owner) = self.owner() else { return age > STALE_AFTER };
        match owner.life(Some(made_at)) {
            Life::Dead => true,
            // Without a start time the id may be somebody else's by now; hosts of that time go by age too.
            Life::Alive => self.starttime.is_none() && age > STALE_AFTER,
            Life::Unknown => age > STALE_AFTER,
        }
    }
}

/// `{pid, createdAt, starttime}`, spelled as the hosts read it. It belongs to whom the sidecar belongs, so that the hosts
/// of the store's owner can read what root has made.
pub(super) fn write(files: &dyn Files, path: &Path, sidecar: &File) -> io::Result<()> {
    let owner = Process::current();
    let created_at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let mut content = serde_json::json!({ "pid": owner.pid, "createdAt": created_at });
    if let Some(ticks) = owner.started.filter(|_| HOSTS_RECORD_STARTS) {
        content["starttime"] = ticks.into();
    }
    if let Some(namespace) = owner.namespace {
        content["boot"] = namespace.boot.into();
        content["namespace"] = namespace.namespace.into();
    }
    let mut file = files.create_file(path, 0o600)?;
    let _ = files.set_attributes(&file, files.attributes(sidecar)?);
    files.write(&mut file, format!("{content:#}").as_bytes())
}
