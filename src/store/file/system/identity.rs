//! Which file a name leads to: two files never have the same identity at the same time.

use std::fs::File;
use std::io;
use std::path::Path;

/// Device and inode; volume and file index on Windows.
pub(crate) type Identity = (u64, u64);

/// Links are not followed.
#[cfg(unix)]
pub(crate) fn of_entry(path: &Path) -> io::Result<Identity> {
    std::fs::symlink_metadata(path).map(|metadata| of(&metadata))
}

/// Links are followed.
#[cfg(unix)]
pub(crate) fn of_path(path: &Path) -> io::Result<Identity> {
    std::fs::metadata(path).map(|metadata| of(&metadata))
}

#[cfg(unix)]
pub(crate) fn of_file(file: &File) -> io::Result<Identity> {
    file.metadata().map(|metadata| of(&metadata))
}

#[cfg(unix)]
pub(crate) fn of(metadata: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(windows)]
pub(crate) fn of_entry(path: &Path) -> io::Result<Identity> {
    use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT;
    of_file(&super::touch::open_any(path, 0, FILE_FLAG_OPEN_REPARSE_POINT)?)
}

#[cfg(windows)]
pub(crate) fn of_path(path: &Path) -> io::Result<Identity> {
    of_file(&super::touch::open_any(path, 0, 0)?)
}

#[cfg(windows)]
pub(crate) fn of_file(file: &File) -> io::Result<Identity> {
    let found = winapi_util::file::information(file)?;
    Ok((found.volume_serial_number(), found.file_index()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_takes_another_s_place_is_another_one() {
        let dir = tempfile::tempdir().unwrap();
        let [old, new] = ["old", "new"].map(|name| dir.path().join(name));
        fs::write(&old, "").unwrap();
        fs::write(&new, "").unwrap();
        let before = of_path(&old).unwrap();
        assert_ne!(before, of_path(&new).unwrap());
        fs::rename(&new, &old).unwrap();
        assert_ne!(of_path(&old).unwrap(), before);
    }

    #[test]
    fn a_directory_and_an_open_file_have_one_too() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(of_entry(dir.path()).unwrap(), of_path(dir.path()).unwrap());
        let path = dir.path().join("file");
        let file = File::create(&path).unwrap();
        assert_eq!(of_file(&file).unwrap(), of_entry(&path).unwrap());
    }
}
