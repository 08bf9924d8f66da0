//! The time of a directory entry.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

#[cfg(not(windows))]
pub(crate) fn touch(path: &Path, time: SystemTime) -> io::Result<()> {
    // A directory can be opened for reading only; that is enough to set its times.
    File::open(path)?.set_modified(time)
}

#[cfg(windows)]
pub(crate) fn touch(path: &Path, time: SystemTime) -> io::Result<()> {
    use windows_sys::Win32::Storage::FileSystem::FILE_WRITE_ATTRIBUTES;
    open_any(path, FILE_WRITE_ATTRIBUTES, 0)?.set_modified(time)
}

/// Opens a file or a directory, which Windows does only if it is asked to.
#[cfg(windows)]
pub(crate) fn open_any(path: &Path, access: u32, flags: u32) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_BACKUP_SEMANTICS;
    std::fs::OpenOptions::new()
        .access_mode(access)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | flags)
        .open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_directory_gets_a_new_time_as_a_file_does() {
        let dir = tempfile::tempdir().unwrap();
        let [folder, file] = ["folder", "file"].map(|name| dir.path().join(name));
        fs::create_dir(&folder).unwrap();
        fs::write(&file, "").unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for path in [folder, file] {
            touch(&path, time).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), time);
        }
    }
}
