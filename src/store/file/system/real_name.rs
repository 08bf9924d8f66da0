//! Real names of files.

use std::io;
use std::path::{Path, PathBuf};

/// The file behind a name, links followed. On Windows without the `\\\\?\\` that no person writes, where a path can do
/// without it.
pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}
