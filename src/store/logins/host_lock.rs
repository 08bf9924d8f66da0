//! The lock that gateways hold while they renew a login themselves (2026.4.29 and later; before, they hold the store's).
//!
//! Contract: `<state>/locks/oauth-refresh/sha256-<hex(sha256(provider \0 profileId))>`, locked as a file of that name with
//! `.lock` behind it that names its holder. They hold it for 180 seconds at most.
//!
//! Invariant: taken only where such a host lives: a store of a program of our own has no business in a directory of locks.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ring::digest::{SHA256, digest};

use crate::error::{Error, Result};
use crate::store::file::files::Files;
use crate::store::file::lock::{Guard, LockForm, describe_holder};
use crate::store::file::paths::StorePaths;

/// The lock of one login, where its host has one.
#[must_use]
pub(crate) fn path_of(store: &Path, provider: &str, id: &str) -> Option<PathBuf> {
    // `<state>/agents/<id>/agent/auth-profiles.json`
    let agent = store.parent()?;
    let agents = agent.parent()?.parent()?;
    if agent.file_name()? != "agent" || agents.file_name()? != "agents" {
        return None;
    }
    let locks = agents.parent()?.join("locks").join("oauth-refresh");
    // Hosts of that time keep usage apart, and make the directory when they first renew a login.
    let is_hosts = locks.is_dir() || StorePaths::state(store).is_file();
    is_hosts.then(|| locks.join(name_of(provider, id)))
}

fn name_of(provider: &str, id: &str) -> String {
    let hash = digest(&SHA256, [provider, "\0", id].concat().as_bytes());
    let mut name = "sha256-".to_owned();
    for byte in hash.as_ref() {
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// Takes it; `None` where the host has none. Blocks until the deadline at most, and a moment longer.
pub(crate) fn take(
    files: &Arc<dyn Files>,
    store: &Path,
    provider: &str,
    id: &str,
    deadline: Instant,
) -> Result<Option<Guard>> {
    let Some(path) = path_of(store, provider, id) else { return Ok(None) };
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)
            .map_err(|error| Error::io("making", directory, error))?;
    }
    let started = Instant::now();
    let is_late = || Instant::now() >= deadline;
    // Both forms are respected; these hosts make files.
    match Guard::acquire(Arc::clone(files), &path, LockForm::PidFile, &is_late)? {
        Some(guard) => Ok(Some(guard)),
        None => Err(timed_out(files.as_ref(), path, started.elapsed())),
    }
}

fn timed_out(files: &dyn Files, path: PathBuf, waited: Duration) -> Error {
    let (holder, lock_age) = describe_holder(files, &path);
    Error::LockTimeout { path, holder, lock_age, waited }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::files::Disk;
    #[cfg(unix)]
    use crate::store::tests::ended_process;

    fn store() -> (tempfile::TempDir, PathBuf) {
        let state = tempfile::tempdir().unwrap();
        let agent = state.path().join("agents/main/agent");
        std::fs::create_dir_all(&agent).unwrap();
        let store = agent.join("auth-profiles.json");
        std::fs::write(&store, "{}").unwrap();
        (state, store)
    }

    #[test]
    fn the_lock_is_named_by_provider_and_profile() {
        // sha256 of "openai-codex", a zero byte and "openai-codex:me".
        let name = name_of("openai-codex", "openai-codex:me");
        assert_eq!(name.len(), "sha256-".len() + 64);
        assert_ne!(name, name_of("openai-code", "xopenai-codex:me"));
        assert_eq!(
            name_of("", ""),
            "sha256-6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn only_a_host_that_has_such_locks_is_joined() {
        let (state, store) = store();
        assert_eq!(path_of(&store, "p", "a"), None);
        std::fs::create_dir_all(state.path().join("locks/oauth-refresh")).unwrap();
        let path = path_of(&store, "p", "a").unwrap();
        assert!(path.starts_with(state.path().join("locks/oauth-refresh")));
        let other = state.path().join("auth-profiles.json");
        assert_eq!(path_of(&other, "p", "a"), None);
    }

    #[test]
    fn a_host_that_keeps_usage_apart_has_them_too() {
        let (_state, store) = store();
        std::fs::write(store.with_file_name("auth-state.json"), "{}").unwrap();
        assert!(path_of(&store, "p", "a").is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_living_holder_is_waited_for_and_a_dead_one_is_not() {
        let (state, store) = store();
        std::fs::create_dir_all(state.path().join("locks/oauth-refresh")).unwrap();
        let path = path_of(&store, "p", "a").unwrap();
        let lock =
            path.with_file_name(format!("{}.lock", path.file_name().unwrap().to_str().unwrap()));
        let holder =
            |pid: u32| format!(r#"{{"pid":{pid},"createdAt":"2026-05-01T00:00:00.000Z"}}"#);
        let files: Arc<dyn Files> = Arc::new(Disk);
        let soon = || Instant::now() + Duration::from_millis(60);
        std::fs::write(&lock, holder(std::os::unix::process::parent_id())).unwrap();
        let error = take(&files, &store, "p", "a", soon()).unwrap_err();
        assert_eq!(error.code(), "ERR_LOCK_TIMEOUT");
        std::fs::write(&lock, holder(ended_process())).unwrap();
        let guard = take(&files, &store, "p", "a", soon()).unwrap();
        let text = std::fs::read_to_string(&lock).unwrap();
        assert!(text.contains(&format!("\"pid\": {}", std::process::id())), "{text}");
        drop(guard);
        assert!(!lock.exists());
    }
}
