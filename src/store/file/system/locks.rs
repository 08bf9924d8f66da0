//! The kernel's lock of a file. It ends with its holder, however that ends.

#[cfg(not(windows))]
pub(crate) use self::whole::{lock, try_lock, unlock};

#[cfg(not(windows))]
mod whole {
    use std::fs::File;
    use std::io;

    /// Waits as long as it takes.
    pub(crate) fn lock(file: &File) -> io::Result<()> {
        // Spelled out: std has methods of the same name.
        fs4::FileExt::lock(file)
    }

    /// False if somebody else has it.
    pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
        match fs4::FileExt::try_lock(file) {
            Ok(()) => Ok(true),
            Err(fs4::TryLockError::WouldBlock) => Ok(false),
            Err(fs4::TryLockError::Error(error)) => Err(error),
        }
    }

    pub(crate) fn unlock(file: &File) -> io::Result<()> {
        fs4::FileExt::unlock(file)
    }
}

#[cfg(windows)]
pub(crate) use self::range::{lock, try_lock, unlock};

/// Windows lets nobody read what is locked, and others must read who holds the lock: so a byte is locked that is never
/// written. It is within what older versions lock, which is the whole of the file.
#[cfg(windows)]
#[expect(unsafe_code, reason = "std and fs4 lock whole files only")]
mod range {
    use std::fs::File;
    use std::io;
    use std::os::windows::io::AsRawHandle;

    use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
    use windows_sys::Win32::Storage::FileSystem::{
        LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
    };
    use windows_sys::Win32::System::IO::OVERLAPPED;

    /// The byte at 2^62.
    fn place() -> OVERLAPPED {
        let mut place = OVERLAPPED::default();
        place.Anonymous.Anonymous.OffsetHigh = 1 << 30;
        place
    }

    fn call(file: &File, flags: u32) -> io::Result<()> {
        let mut place = place();
        // SAFETY: the handle is open as long as `file` is borrowed, `place` outlives the call, and a handle of std's is
        // synchronous, so nothing is written to it later.
        let is_done = unsafe { LockFileEx(file.as_raw_handle(), flags, 0, 1, 0, &raw mut place) };
        if is_done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    pub(crate) fn lock(file: &File) -> io::Result<()> {
        call(file, LOCKFILE_EXCLUSIVE_LOCK)
    }

    pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
        let taken = [ERROR_LOCK_VIOLATION, ERROR_IO_PENDING];
        match call(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY) {
            Ok(()) => Ok(true),
            Err(error) if taken.iter().any(|it| error.raw_os_error() == Some(*it as i32)) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) fn unlock(file: &File) -> io::Result<()> {
        let mut place = place();
        // SAFETY: as above.
        let is_done = unsafe { UnlockFileEx(file.as_raw_handle(), 0, 1, 0, &raw mut place) };
        if is_done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};

    use super::*;

    #[test]
    fn one_at_a_time_has_it_and_others_can_read_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "who holds it").unwrap();
        let open = || OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let (holder, other) = (open(), open());
        lock(&holder).unwrap();
        assert!(!try_lock(&other).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "who holds it");
        unlock(&holder).unwrap();
        assert!(try_lock(&other).unwrap());
        drop(other);
        assert!(try_lock(&holder).unwrap());
    }
}
