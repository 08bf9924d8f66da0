//! The file layer: every system call that an update makes, one method each.
//!
//! Invariant: nothing else in `store` touches the disk for a locked update. Tests put a layer here that fails
//! or stops after any single call, and so prove that no prefix of an update harms the store.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::side_files;
pub(crate) use super::system::attributes::Attributes;
use super::system::rename_new::{as_unsupported, is_unsupported, rename_new};
use super::system::{attributes, identity, locks, mounts, real_name, touch};

/// What locks and atomic writes need to know of a directory entry; symbolic links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub is_dir: bool,
    pub identity: (u64, u64),
    pub modified: SystemTime,
}

/// More than is ever in the sidecar.
const SIDECAR_BYTES: usize = 1024;

/// System calls of an update.
pub(crate) trait Files: Debug + Send + Sync {
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;
    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Attributes)>;
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// A new file that only this process writes; fails if the name is taken.
    fn create_file(&self, path: &Path, mode: u32) -> io::Result<File>;
    fn attributes(&self, file: &File) -> io::Result<Attributes>;
    fn set_attributes(&self, file: &File, attributes: Attributes) -> io::Result<()>;
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
    fn flush(&self, file: &File) -> io::Result<()>;
    /// Flushes a file by its name.
    fn flush_path(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory safe. File systems that cannot do that answer `Ok`.
    fn flush_directory(&self, path: &Path) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Renames only if `to` does not exist. `Unsupported` where the system cannot do that in one step.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()>;
    /// Opens a store's side file, or creates it with the store's owner, group and mode.
    fn open_side_file(&self, path: &Path, store: &Path) -> io::Result<File>;
    /// Whether another file is mounted over this name, which then cannot be renamed over.
    fn is_mount_point(&self, path: &Path) -> bool;
    /// Opens an existing file for writing, as it is.
    fn open_existing(&self, path: &Path) -> io::Result<File>;
    fn truncate(&self, file: &File) -> io::Result<()>;
    /// Waits for the kernel lock, as long as it takes. `Unsupported` where the file system has none.
    fn lock(&self, sidecar: &File) -> io::Result<()>;
    fn unlock(&self, sidecar: &File) -> io::Result<()>;
    /// The identity of an open file, to see whether its name still leads to it.
    fn identity(&self, file: &File) -> io::Result<(u64, u64)>;
    fn read_sidecar(&self, sidecar: &File) -> io::Result<Vec<u8>>;
    /// Overwrites a part of the sidecar, which is never truncated.
    fn write_sidecar(&self, sidecar: &File, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Sleeps between two tries.
    fn pause(&self, time: Duration);
}

/// The real disk.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Disk;

impl Files for Disk {
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        real_name::canonicalize(path)
    }

    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Attributes)> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let bytes = read_all(&mut file, metadata.len() as usize + 1)?;
        Ok((bytes, attributes::of(&metadata)))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Stat {
            is_dir: metadata.is_dir(),
            identity: identity::of_entry(path)?,
            modified: metadata.modified()?,
        })
    }

    fn create_file(&self, path: &Path, mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        options.open(path)
    }

    fn attributes(&self, file: &File) -> io::Result<Attributes> {
        Ok(attributes::of(&file.metadata()?))
    }

    fn set_attributes(&self, file: &File, attributes: Attributes) -> io::Result<()> {
        attributes::set(file, attributes)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn flush(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn flush_path(&self, path: &Path) -> io::Result<()> {
        // Windows flushes only what is open for writing; a store may be read-only to its owner elsewhere.
        OpenOptions::new().read(true).write(cfg!(windows)).open(path)?.sync_all()
    }

    fn flush_directory(&self, path: &Path) -> io::Result<()> {
        // Windows cannot open a directory this way and orders renames in its own journal.
        if cfg!(not(unix)) {
            return Ok(());
        }
        match File::open(path)?.sync_all() {
            // FUSE and network file systems that know no such thing; there is nothing more to ask for.
            Err(error) if is_unsupported(&error) => Ok(()),
            outcome => outcome,
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        rename_new(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()> {
        touch::touch(path, time)
    }

    fn open_side_file(&self, path: &Path, store: &Path) -> io::Result<File> {
        side_files::open_side_file(path, store)
    }

    fn is_mount_point(&self, path: &Path) -> bool {
        mounts::is_mount_point(path)
    }

    fn open_existing(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).open(path)
    }

    fn truncate(&self, file: &File) -> io::Result<()> {
        file.set_len(0)
    }

    fn lock(&self, sidecar: &File) -> io::Result<()> {
        locks::lock(sidecar).map_err(as_unsupported)
    }

    fn unlock(&self, sidecar: &File) -> io::Result<()> {
        locks::unlock(sidecar)
    }

    fn identity(&self, file: &File) -> io::Result<(u64, u64)> {
        identity::of_file(file)
    }

    fn read_sidecar(&self, mut sidecar: &File) -> io::Result<Vec<u8>> {
        sidecar.seek(SeekFrom::Start(0))?;
        read_all(&mut sidecar, SIDECAR_BYTES)
    }

    fn write_sidecar(&self, sidecar: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::write_all_at(sidecar, bytes, offset);
        #[cfg(not(unix))]
        {
            let mut sidecar = sidecar;
            sidecar.seek(SeekFrom::Start(offset))?;
            sidecar.write_all(bytes)
        }
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Reads to the end. `expected` is one more than the file seems to have: `read_to_end` asks again for what is
/// known already.
fn read_all(file: &mut impl Read, expected: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; expected];
    let mut length = 0;
    loop {
        match file.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length == bytes.len() {
            // A host has appended since.
            bytes.resize(2 * length, 0);
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}
