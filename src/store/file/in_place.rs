//! Writing a file that cannot be replaced, because it is mounted over its name.
//!
//! 1. the new content, complete and flushed, takes the name of the recovery copy;
//! 2. the file is truncated, written and flushed.
//!
//! Invariant: from step 1 until the copy is removed, a file that a death or a power cut leaves cut is read from the copy
//! and put back. It is truncated first, so that old and new content are never mixed into something that parses.

use std::path::Path;

use super::files::Files;
use super::side_files::copy_path;
use crate::error::{Error, Result};

/// Writes `content` over `target`; `fresh` is a file beside it with the same content. The copy is left to the caller.
pub(crate) fn write(files: &dyn Files, target: &Path, fresh: &Path, content: &[u8]) -> Result<()> {
    let copy = copy_path(target);
    files.flush_path(fresh).map_err(|error| Error::io("writing", fresh, error))?;
    files.rename(fresh, &copy).map_err(|error| Error::io("writing", &copy, error))?;
    flush_directory(files, target)?;
    overwrite(files, target, content)
}

/// Puts the copy's content into the file beside it, and removes the copy.
pub(crate) fn restore(files: &dyn Files, target: &Path) -> Result<()> {
    let copy = copy_path(target);
    let fail = |error| Error::io("restoring", target, error);
    let (content, _) = files.read(&copy).map_err(fail)?;
    overwrite(files, target, &content)?;
    files.remove_file(&copy).map_err(fail)
}

fn overwrite(files: &dyn Files, target: &Path, content: &[u8]) -> Result<()> {
    let fail = |error| Error::io("writing", target, error);
    let mut file = files.open_existing(target).map_err(fail)?;
    files.truncate(&file).map_err(fail)?;
    files.write(&mut file, content).map_err(fail)?;
    files.flush(&file).map_err(fail)
}

/// Flushes the directory of a file.
pub(crate) fn flush_directory(files: &dyn Files, file: &Path) -> Result<()> {
    let Some(directory) = file.parent() else { return Ok(()) };
    files.flush_directory(directory).map_err(|error| Error::io("flushing", directory, error))
}
