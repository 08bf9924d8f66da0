//! The states of programs that give their keys in line: directories below ours, each with a store.

use std::path::{Path, PathBuf};

use crate::store::file::paths::{Environment, STORE_FILE, StorePaths};

/// Directories beside a missing store that have one.
pub(super) fn below(missing: &Path) -> Vec<PathBuf> {
    let entries = missing.parent().and_then(|dir| std::fs::read_dir(dir).ok());
    let dirs = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut below: Vec<_> = dirs.filter(|dir| dir.join(STORE_FILE).is_file()).collect();
    below.sort();
    below
}

/// Where there is no gateway and no store of the user's, the one that a program keeps is meant; of several, none.
pub(super) fn the_only_one(paths: StorePaths, environment: &Environment) -> StorePaths {
    if paths.store != environment.own_root().join(STORE_FILE) || paths.store.exists() {
        return paths;
    }
    match below(&paths.store).as_slice() {
        [only] => StorePaths { store: only.join(STORE_FILE), ..paths },
        _ => paths,
    }
}
