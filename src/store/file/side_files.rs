//! The files beside a store, by name.
//!
//! | name | what it is |
//! |---|---|
//! | `<store>.lock` | the lock that hosts see |
//! | `<store>.native-lock` | the sidecar that carries the kernel lock; never deleted |
//! | `<store>.native-safe` | the recovery copy |
//! | `<store>.native-new` | the next version while it is being written |
//! | `<store>.native-pool` | the pool |

use std::path::{Path, PathBuf};

/// `<store><suffix>`, beside the store.
pub(crate) fn sibling(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_os_string();
    name.push(suffix);
    store.with_file_name(name)
}
