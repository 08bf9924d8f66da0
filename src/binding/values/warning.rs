//! Warnings through `process.emitWarning`, each once a process: bookkeeping that fails is told, not repeated.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object};

use crate::background::lock;
use crate::error::Error;

static WARNED: LazyLock<Mutex<HashSet<(PathBuf, &'static str)>>> = LazyLock::new(Mutex::default);

/// Warns once for each store and kind of error. A host without `emitWarning` is not worth an error.
pub(crate) fn warn_once(env: &Env, path: &Path, error: &Error) {
    if matches!(error, Error::StoreMissing { .. }) {
        // A gateway that runs on keys from its environment has no store, and nothing is wrong.
        return;
    }
    let key = (path.to_path_buf(), error.code());
    if lock(&WARNED).insert(key) {
        let text = format!("auth profile mark kept in this process only: {error}");
        let _ = emit(env, &text, error.code());
    }
}

/// Warns once that the state of in-line accounts is in memory only.
pub(crate) fn warn_state(env: &Env, path: &Path, error: &Error) {
    if lock(&WARNED).insert((path.to_path_buf(), "state")) {
        let text = format!(
            "windows and counters are kept in this process only: {error}; set AUTH_FAILOVER_DIR to a directory that can be \
             written, or say state: 'memory'"
        );
        let _ = emit(env, &text, "WARN_STATE_IN_MEMORY");
    }
}

/// Warns once for each store that cannot be replaced in one step.
pub(crate) fn warn_in_place(env: &Env, path: &Path) {
    if lock(&WARNED).insert((path.to_path_buf(), "in-place")) {
        let text = format!(
            "{} is mounted as a single file and cannot be replaced: it is written in place, which readers may see half \
             done; mount its directory instead",
            path.display()
        );
        let _ = emit(env, &text, "WARN_STORE_IN_PLACE");
    }
}

/// Warns once for each kind of stream that was given back unread.
pub(crate) fn warn_unread(env: &Env, name: &str) {
    if lock(&WARNED).insert((PathBuf::from(name), "unread")) {
        let text = format!(
            "the run function of runWithAuthProfiles returned a stream that nobody had read ({name}): what fails in it \
             is not seen, and no other account is asked; read it inside run, and call deliver() before the first part \
             of it goes out"
        );
        let _ = emit(env, &text, "WARN_UNREAD_STREAM");
    }
}

/// Warns that the lock was not exclusive to the end.
pub(crate) fn warn_lost_lock(env: &Env, path: &Path) {
    let text = format!("the lock of {} was taken away while it was held", path.display());
    let _ = emit(env, &text, "ERR_LOCK_LOST");
}

/// Emits a warning of this package's, whether or not it was emitted before.
pub(crate) fn emit(env: &Env, text: &str, code: &str) -> napi::Result<()> {
    let process: Object<'_> = env.get_global()?.get_named_property("process")?;
    let emit_warning: Function<'_, FnArgs<(&str, &str, &str)>, ()> =
        process.get_named_property("emitWarning")?;
    emit_warning.apply(process, FnArgs { data: (text, "AuthFailoverWarning", code) })
}
