//! What the system tells of a process by its id.

#[cfg(target_os = "linux")]
use std::time::Duration;
#[cfg(unix)]
use std::time::SystemTime;

#[cfg(target_os = "linux")]
use super::namespace::proc_is_ours;

#[cfg(windows)]
pub(super) use self::windows::{is_there, start_time, wall_clock};

/// Whether there is such a process, and no zombie.
#[cfg(unix)]
pub(super) fn is_there(pid: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    match test_kill_process(process) {
        Err(rustix::io::Errno::SRCH) => false,
        // EPERM: it lives, under another user.
        _ => !is_zombie(pid),
    }
}

#[cfg(target_os = "linux")]
fn is_zombie(pid: u32) -> bool {
    let state =
        |stat: String| stat.rsplit_once(')').map(|(_, rest)| rest.trim_start().starts_with('Z'));
    proc_is_ours()
        && std::fs::read_to_string(format!("/proc/{pid}/stat")).ok().and_then(state) == Some(true)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_zombie(_pid: u32) -> bool {
    false
}

/// When it started, in the system's own steps.
#[cfg(target_os = "linux")]
pub(super) fn start_time(pid: u32) -> Option<u64> {
    if !proc_is_ours() {
        return None;
    }
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the command in parentheses and may itself hold blanks and parentheses.
    let after_command = stat.rsplit_once(')')?.1;
    after_command.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn start_time(_pid: u32) -> Option<u64> {
    None
}

/// A start time as wall-clock time.
#[cfg(target_os = "linux")]
pub(super) fn wall_clock(ticks: u64) -> Option<SystemTime> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: u64 =
        stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    let since_boot = Duration::from_millis(ticks.checked_mul(1_000)? / per_second);
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(boot) + since_boot)
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn wall_clock(_started: u64) -> Option<SystemTime> {
    None
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "std asks only for processes that it has started itself")]
mod windows {
    use std::io;
    use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
    use std::time::{Duration, SystemTime};

    use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, FILETIME, WAIT_OBJECT_0};
    use windows_sys::Win32::System::Threading::{
        GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
        WaitForSingleObject,
    };

    /// 1601 to 1970, in steps of 100 ns.
    const EPOCH: u64 = 116_444_736_000_000_000;

    fn open(pid: u32) -> io::Result<OwnedHandle> {
        let access = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;
        // SAFETY: no pointers are passed; a handle that is not null is ours to close.
        unsafe {
            let handle = OpenProcess(access, 0, pid);
            if handle.is_null() {
                return Err(io::Error::last_os_error());
            }
            Ok(OwnedHandle::from_raw_handle(handle))
        }
    }

    pub(in super::super) fn is_there(pid: u32) -> bool {
        match open(pid) {
            // SAFETY: the handle is open. Its process is kept as a name for as long as somebody has it open.
            Ok(process) => {
                (unsafe { WaitForSingleObject(process.as_raw_handle(), 0) }) != WAIT_OBJECT_0
            }
            // Of another user, or the system's.
            Err(error) => error.raw_os_error() == Some(ERROR_ACCESS_DENIED as i32),
        }
    }

    pub(in super::super) fn start_time(pid: u32) -> Option<u64> {
        let process = open(pid).ok()?;
        let [mut made, mut ended, mut kernel, mut user] = [FILETIME::default(); 4];
        // SAFETY: the handle is open and each time outlives the call.
        let is_told = unsafe {
            GetProcessTimes(
                process.as_raw_handle(),
                &raw mut made,
                &raw mut ended,
                &raw mut kernel,
                &raw mut user,
            )
        };
        let time = u64::from(made.dwHighDateTime) << 32 | u64::from(made.dwLowDateTime);
        (is_told != 0).then_some(time)
    }

    pub(in super::super) fn wall_clock(started: u64) -> Option<SystemTime> {
        let since = started.checked_sub(EPOCH)?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(since.checked_mul(100)?))
    }
}
