//! Whether a file is mounted over its name, as `docker run -v ./auth-profiles.json:/…/auth-profiles.json` does.
//!
//! Such a name cannot be renamed over, and what is renamed onto it elsewhere does not show here.

use std::path::Path;

#[cfg(target_os = "linux")]
pub(crate) fn is_mount_point(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty())
        .is_ok_and(|stat| stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// Other systems mount directories only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_mount_point(_path: &Path) -> bool {
    false
}
