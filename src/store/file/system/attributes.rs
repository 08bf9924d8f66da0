//! Owner and mode of a file, to be given to the file that replaces it or lies beside it.

use std::fs::{File, Metadata};
use std::io;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub mode: u32,
    /// User and group.
    pub owner: Option<(u32, u32)>,
}

#[cfg(unix)]
pub(crate) fn of(metadata: &Metadata) -> Attributes {
    use std::os::unix::fs::MetadataExt;
    Attributes { mode: metadata.mode() & 0o777, owner: Some((metadata.uid(), metadata.gid())) }
}

#[cfg(not(unix))]
pub(crate) fn of(_metadata: &Metadata) -> Attributes {
    Attributes { mode: 0o600, owner: None }
}

#[cfg(unix)]
pub(crate) fn set(file: &File, attributes: Attributes) -> io::Result<()> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let now = file.metadata()?;
    if let Some((user, group)) = attributes.owner
        && (now.uid(), now.gid()) != (user, group)
    {
        // A gateway run by root must not take the file away from its owner. Others may keep only the group.
        if fchown(file, Some(user), Some(group)).is_err() {
            let _ = fchown(file, None, Some(group));
        }
    }
    if now.mode() & 0o777 == attributes.mode {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(attributes.mode))
}

#[cfg(not(unix))]
pub(crate) fn set(_file: &File, _attributes: Attributes) -> io::Result<()> {
    Ok(())
}
