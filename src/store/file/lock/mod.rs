//! The lock of a store: a kernel lock that orders native processes, and the lock that JavaScript sees.
//!
//! Protocol, in this order:
//!
//! 1. the **kernel lock** on the sidecar `<store>.native-lock`, which is never deleted. The kernel hands it on
//!    without polling and frees it when its holder dies;
//! 2. the **JS-visible lock** `<store>.lock` that hosts take with `proper-lockfile` (a directory) or their own
//!    code (a pid file). Either form is respected, whatever form is made here.
//!
//! Invariant: a [`Guard`] exists only while both are held, and every write takes one as an argument. Because
//! the kernel lock comes first, one native process at most judges and removes a stale JS-visible lock.

mod inspect;
mod lock_record;
mod namespace;
pub(crate) mod owner;
mod pid_file;
mod processes;
mod visible;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::files::Files;
use super::side_files::sibling;
use crate::error::{Error, Result};
use crate::trace::trace_step;

pub(crate) use inspect::{Observed, describe_holder, inspect};
pub(crate) use namespace::Namespace;
pub(crate) use visible::LockForm;
use visible::VisibleLock;

/// How many times the sidecar may be replaced while it is being locked before that is an error.
const SIDECAR_ATTEMPTS: usize = 8;

/// Both locks, held. Dropping it releases them, the JS-visible one first.
#[must_use = "the lock is released when the guard is dropped"]
#[derive(Debug)]
pub(crate) struct Guard {
    files: Arc<dyn Files>,
    store: PathBuf,
    sidecar: File,
    visible: VisibleLock,
}

impl Guard {
    /// Waits for both locks of `store`, which must be a resolved path. Blocks the calling thread.
    ///
    /// `give_up` is asked between tries for the JS-visible lock. The wait for the kernel lock has no time limit:
    /// callers with a deadline run this on a thread that may be left waiting.
    pub(crate) fn acquire(
        files: Arc<dyn Files>,
        store: &Path,
        form: LockForm,
        give_up: &dyn Fn() -> bool,
    ) -> Result<Option<Self>> {
        let started = Instant::now();
        let sidecar_path = sibling(store, ".native-lock");
        let (sidecar, kernel_lock) = lock_sidecar(files.as_ref(), &sidecar_path, store)
            .map_err(|error| Error::io("locking", &sidecar_path, error))?;
        let lock_path = sibling(store, ".lock");
        let visible =
            visible::acquire(files.as_ref(), &lock_path, &sidecar, form, kernel_lock, give_up)
                .map_err(|error| Error::io("locking", &lock_path, error));
        match visible {
            Ok(Some(visible)) => {
                trace_step!("lock", store = store, waited = started.elapsed());
                Ok(Some(Self { files, store: store.to_path_buf(), sidecar, visible }))
            }
            outcome => {
                let _ = files.unlock(&sidecar);
                outcome.map(|_| None)
            }
        }
    }

    /// The file that this guard protects.
    #[must_use]
    pub(crate) fn store(&self) -> &Path {
        &self.store
    }

    /// False if another process removed the JS-visible lock: a host that judged it stale while this process slept,
    /// or one that judged the lock before ours and removed ours. Asked right before a write becomes visible.
    #[must_use]
    pub(crate) fn is_held(&self) -> bool {
        self.visible.is_ours(self.files.as_ref())
    }

    /// Shows waiting hosts that the holder lives; to be called at least every 15 s. False if the lock is lost.
    pub(crate) fn refresh(&mut self) -> Result<bool> {
        let fail = |error| Error::io("refreshing the lock of", &self.store, error);
        self.visible.refresh(self.files.as_ref(), &self.sidecar).map_err(fail)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.visible.release(self.files.as_ref());
        let _ = self.files.unlock(&self.sidecar);
    }
}

/// Opens and locks the sidecar; repeats if its name led to another file by the time the lock was had.
/// The flag is false where the file system has no kernel locks: then the JS-visible lock guards alone.
fn lock_sidecar(files: &dyn Files, path: &Path, store: &Path) -> io::Result<(File, bool)> {
    for _ in 0..SIDECAR_ATTEMPTS {
        let sidecar = files.open_side_file(path, store)?;
        match files.lock(&sidecar) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok((sidecar, false));
            }
            outcome => outcome?,
        }
        if files.stat(path).is_ok_and(|stat| Some(stat.identity) == files.identity(&sidecar).ok()) {
            return Ok((sidecar, true));
        }
        files.unlock(&sidecar)?;
    }
    Err(io::Error::other("the lock file is being replaced again and again"))
}
