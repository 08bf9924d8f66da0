//! A file layer with one fault, at a system call of one's choice.
//!
//! Flushes are counted and not made: no living process can tell the difference.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::store::file::files::{Attributes, Disk, Files, Stat};

/// What happens at the chosen call.
pub(crate) enum Fault {
    /// The process dies right before the call: this one and all later ones do nothing. The handles are closed
    /// as their owners go out of scope, which frees the kernel lock as the death of a process does.
    Die,
    /// As before, but a write still writes half of its bytes.
    DieHalfWritten,
    /// The call fails, once.
    Fail(io::ErrorKind),
    /// Somebody else does something right before the call.
    Intrude(Box<dyn Fn() + Send + Sync>),
    None,
}

/// Calls the real disk, but for the fault.
pub(crate) struct Layer {
    fault: Fault,
    at: usize,
    calls: Mutex<Vec<&'static str>>,
    dead: AtomicBool,
    /// The file system has no rename that spares its target.
    pub(crate) no_rename_new: bool,
    /// The file system has no kernel locks.
    pub(crate) no_kernel_lock: bool,
    /// A file is mounted over this name.
    pub(crate) mounted: Option<&'static str>,
    /// This many renames over an existing file fail first, as on Windows while somebody reads the file.
    pub(crate) busy_renames: Mutex<usize>,
}

impl std::fmt::Debug for Layer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Layer").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Layer {
    pub(crate) fn new(fault: Fault, at: usize) -> Self {
        Self {
            fault,
            at,
            calls: Mutex::default(),
            dead: AtomicBool::new(false),
            no_rename_new: false,
            no_kernel_lock: false,
            mounted: None,
            busy_renames: Mutex::new(0),
        }
    }

    /// The names of the calls so far.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }

    fn call<T>(&self, name: &'static str, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let gone = || Err(io::Error::other("this process is dead"));
        if self.dead.load(Ordering::Relaxed) {
            return gone();
        }
        let index = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.push(name);
            calls.len() - 1
        };
        if index == self.at {
            match &self.fault {
                Fault::Die | Fault::DieHalfWritten => {
                    self.dead.store(true, Ordering::Relaxed);
                    return gone();
                }
                Fault::Fail(kind) => return Err((*kind).into()),
                Fault::Intrude(intrude) => intrude(),
                Fault::None => {}
            }
        }
        run()
    }

    /// Whether this write is the one that ends half way.
    fn is_half_written(&self) -> bool {
        matches!(self.fault, Fault::DieHalfWritten)
            && !self.dead.load(Ordering::Relaxed)
            && self.calls.lock().unwrap().len() == self.at
    }
}

impl Files for Layer {
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.call("canonicalize", || Disk.canonicalize(path))
    }
    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Attributes)> {
        self.call("read", || Disk.read(path))
    }
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.call("stat", || Disk.stat(path))
    }
    fn create_file(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.call("create_file", || Disk.create_file(path, mode))
    }
    fn attributes(&self, file: &File) -> io::Result<Attributes> {
        self.call("attributes", || Disk.attributes(file))
    }
    fn set_attributes(&self, file: &File, attributes: Attributes) -> io::Result<()> {
        self.call("set_attributes", || Disk.set_attributes(file, attributes))
    }
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if self.is_half_written() {
            Disk.write(file, &bytes[..bytes.len() / 2])?;
        }
        self.call("write", || Disk.write(file, bytes))
    }
    fn flush(&self, _file: &File) -> io::Result<()> {
        self.call("flush", || Ok(()))
    }
    fn flush_path(&self, _path: &Path) -> io::Result<()> {
        self.call("flush_path", || Ok(()))
    }
    fn flush_directory(&self, _path: &Path) -> io::Result<()> {
        self.call("flush_directory", || Ok(()))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", || {
            if self.is_mount_point(to) || self.is_mount_point(from) {
                return Err(io::ErrorKind::ResourceBusy.into());
            }
            let mut busy = self.busy_renames.lock().unwrap();
            if *busy > 0 {
                *busy -= 1;
                return Err(io::ErrorKind::ResourceBusy.into());
            }
            Disk.rename(from, to)
        })
    }
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.no_rename_new {
            return self.call("rename_new", || Err(io::ErrorKind::Unsupported.into()));
        }
        self.call("rename_new", || Disk.rename_new(from, to))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("link", || {
            if self.is_mount_point(from) {
                return Err(io::ErrorKind::CrossesDevices.into());
            }
            Disk.link(from, to)
        })
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.call("remove_file", || Disk.remove_file(path))
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.call("create_dir", || Disk.create_dir(path))
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.call("remove_dir", || Disk.remove_dir(path))
    }
    fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()> {
        self.call("touch", || Disk.touch(path, time))
    }
    fn open_side_file(&self, path: &Path, store: &Path) -> io::Result<File> {
        self.call("open_side_file", || Disk.open_side_file(path, store))
    }
    fn is_mount_point(&self, path: &Path) -> bool {
        self.mounted.as_ref().is_some_and(|mounted| path.ends_with(mounted))
            || Disk.is_mount_point(path)
    }
    fn open_existing(&self, path: &Path) -> io::Result<File> {
        self.call("open_existing", || Disk.open_existing(path))
    }
    fn truncate(&self, file: &File) -> io::Result<()> {
        self.call("truncate", || Disk.truncate(file))
    }
    fn lock(&self, sidecar: &File) -> io::Result<()> {
        if self.no_kernel_lock {
            return self.call("lock", || Err(io::ErrorKind::Unsupported.into()));
        }
        self.call("lock", || Disk.lock(sidecar))
    }
    fn unlock(&self, sidecar: &File) -> io::Result<()> {
        self.call("unlock", || Disk.unlock(sidecar))
    }
    fn identity(&self, file: &File) -> io::Result<(u64, u64)> {
        self.call("identity", || Disk.identity(file))
    }
    fn read_sidecar(&self, sidecar: &File) -> io::Result<Vec<u8>> {
        self.call("read_sidecar", || Disk.read_sidecar(sidecar))
    }
    fn write_sidecar(&self, sidecar: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.is_half_written() {
            Disk.write_sidecar(sidecar, &bytes[..bytes.len() / 2], offset)?;
        }
        self.call("write_sidecar", || Disk.write_sidecar(sidecar, bytes, offset))
    }
    fn pause(&self, _time: Duration) {}
}
