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

/// Without `MOVEFILE_REPLACE_EXISTING` the system's own rename replaces nothing.
#[cfg(windows)]
#[expect(unsafe_code, reason = "std offers only the rename that replaces")]
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::windows::ffi::OsStrExt;
    use windows_sys::Win32::Storage::FileSystem::MoveFileExW;
    let wide = |path: &Path| -> io::Result<Vec<u16>> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        // In the form that knows no longest path, as std makes it for its own calls.
        let path = std::fs::canonicalize(parent)?.join(name);
        Ok(path.as_os_str().encode_wide().chain([0]).collect())
    };
    let (from, to) = (wide(from)?, wide(to)?);
    // SAFETY: both end in a zero and outlive the call.
    let is_done = unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), 0) };
    if is_done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple", windows)))]
pub(crate) fn rename_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_name_that_is_taken_keeps_what_it_has() {
        let dir = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| dir.path().join(name));
        for make in [|path: &Path| fs::create_dir(path), |path: &Path| fs::write(path, "")] {
            make(&from).unwrap();
            make(&to).unwrap();
            let taken = rename_new(&from, &to).unwrap_err();
            if is_unsupported(&taken) {
                return;
            }
            assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
            let remove = |path: &Path| fs::remove_dir(path).or_else(|_| fs::remove_file(path));
            remove(&to).unwrap();
            rename_new(&from, &to).unwrap();
            assert!(to.exists() && !from.exists());
            remove(&to).unwrap();
        }
    }
}
