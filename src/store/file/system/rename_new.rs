//! A rename that fails on an existing target, and the errors of file systems that do not support it.

use std::io;
use std::path::Path;

/// Whether the file system does not know the call at all.
#[cfg(unix)]
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    // EINVAL: a rename flag or a flush of this kind of file. ENOLCK: NFS without a lock service.
    let unknown = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::NOLCK];
    error.kind() == io::ErrorKind::Unsupported
        || unknown.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(not(unix))]
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

pub(crate) fn as_unsupported(error: io::Error) -> io::Error {
    if is_unsupported(&error) { io::Error::new(io::ErrorKind::Unsupported, error) } else { error }
}

/// Renames only if `to` does not exist. `Unsupported` where the system cannot do that in one step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
        .map_err(|errno| as_unsupported(io::Error::from(errno)))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn rename_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
