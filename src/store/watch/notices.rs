//! The system's file notifications for a few directory entries, as one signal.
//!
//! Invariant: after [`Notices::arm`] has answered, a change of the entries gives the signal, and nothing else does: not
//! the lock, not a temporary file, not a read.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::places::{Place, places};
use crate::background::lock;
use crate::error::{Error, Result};
use crate::store::file::files::{Disk, Files};
use crate::store::file::paths::StorePaths;

/// Directories may be made while they are looked for; so often is enough.
const MAX_ROUNDS: usize = 8;

#[derive(Debug, Default)]
struct Filter {
    places: Mutex<HashSet<Place>>,
    /// Watched directories that were replaced: the system watches the old one, if any.
    lost: Mutex<HashSet<PathBuf>>,
}

/// Dropping it releases everything that the system holds for it.
#[derive(Debug)]
pub(crate) struct Notices {
    watcher: RecommendedWatcher,
    filter: Arc<Filter>,
    watched: HashMap<PathBuf, (u64, u64)>,
}

impl Notices {
    /// Watches nothing yet. A signal that comes while nobody waits for it is kept, once.
    pub(crate) fn new(paths: &StorePaths, signal: Arc<Notify>) -> Result<Self> {
        let filter = Arc::new(Filter::default());
        let listener = Arc::clone(&filter);
        let signal_change = move |event: notify::Result<Event>| {
            // A fault may have cost an event.
            if event.map_or(true, |event| listener.admits(&event)) {
                signal.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(signal_change)
            .map_err(|error| watch_error(error, &paths.store))?;
        Ok(Self { watcher, filter, watched: HashMap::new() })
    }

    /// Watches what the paths lead to now. Blocks for a moment.
    pub(crate) fn arm(&mut self, paths: &StorePaths) -> Result<()> {
        let mut wanted = places(paths);
        for _ in 0..MAX_ROUNDS {
            // Before the system is asked, so that no event in between is dropped.
            lock(&self.filter.places).clone_from(&wanted);
            self.watch_directories(&wanted)?;
            // What was made before its directory was watched shows now.
            let now = places(paths);
            if now == wanted {
                break;
            }
            wanted = now;
        }
        Ok(())
    }

    fn watch_directories(&mut self, wanted: &HashSet<Place>) -> Result<()> {
        let lost = std::mem::take(&mut *lock(&self.filter.lost));
        let directories: HashSet<&PathBuf> =
            wanted.iter().map(|(directory, _)| directory).collect();
        let watcher = &mut self.watcher;
        self.watched.retain(|directory, identity| {
            let stays = directories.contains(directory)
                && !lost.contains(directory)
                && identity_of(directory) == Some(*identity);
            if !stays {
                // Gone with its directory, as a rule.
                let _ = watcher.unwatch(directory);
            }
            stays
        });
        for directory in directories {
            if self.watched.contains_key(directory) {
                continue;
            }
            let Some(identity) = identity_of(directory) else { continue };
            match self.watcher.watch(directory, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(directory.clone(), identity);
                }
                Err(_) if identity_of(directory).is_none() => {}
                Err(error) => return Err(watch_error(error, directory)),
            }
        }
        Ok(())
    }
}

impl Filter {
    fn admits(&self, event: &Event) -> bool {
        if event.need_rescan() {
            return true;
        }
        if let EventKind::Access(access) = event.kind
            && access != AccessKind::Close(AccessMode::Write)
        {
            // Our own reads would cause endless signals.
            return false;
        }
        let places = lock(&self.places);
        let mut admitted = false;
        for path in &event.paths {
            if places.iter().any(|(directory, _)| directory == path) {
                lock(&self.lost).insert(path.clone());
                admitted = true;
            }
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { continue };
            admitted |= places.iter().any(|place| place.0 == parent && place.1 == name);
        }
        admitted
    }
}

fn identity_of(directory: &Path) -> Option<(u64, u64)> {
    Disk.stat(directory).ok().map(|stat| stat.identity)
}

fn watch_error(error: notify::Error, path: &Path) -> Error {
    let limit = || Error::WatchLimit { path: path.to_path_buf() };
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => limit(),
        notify::ErrorKind::Io(source) if is_limit(&source) => limit(),
        notify::ErrorKind::Io(source) => Error::io("watching", path, source),
        _ => Error::io("watching", path, io::Error::other(error)),
    }
}

/// No descriptor, no inotify instance or no watch is left.
fn is_limit(error: &io::Error) -> bool {
    #[cfg(unix)]
    return [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE, rustix::io::Errno::NOSPC]
        .iter()
        .any(|limit| error.raw_os_error() == Some(limit.raw_os_error()));
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind, RenameMode};

    use super::*;

    fn filter() -> Filter {
        let filter = Filter::default();
        lock(&filter.places).insert(("/a".into(), "auth-profiles.json".into()));
        filter
    }

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(path.into())
    }

    #[test]
    fn a_rename_onto_the_store_is_a_change() {
        let kind = EventKind::Modify(ModifyKind::Name(RenameMode::To));
        assert!(filter().admits(&event(kind, "/a/auth-profiles.json")));
    }

    #[test]
    fn lock_traffic_and_temporary_files_are_no_change() {
        let kind = EventKind::Create(CreateKind::Any);
        for name in ["auth-profiles.json.lock", "auth-profiles.json.native-new", "other"] {
            assert!(!filter().admits(&event(kind, &format!("/a/{name}"))), "{name}");
        }
    }

    #[test]
    fn a_read_is_no_change_and_the_end_of_a_write_is() {
        let is_change =
            |access| filter().admits(&event(EventKind::Access(access), "/a/auth-profiles.json"));
        assert!(!is_change(AccessKind::Open(AccessMode::Any)));
        assert!(!is_change(AccessKind::Close(AccessMode::Read)));
        assert!(is_change(AccessKind::Close(AccessMode::Write)));
    }

    #[test]
    fn a_lost_event_counts_as_a_change() {
        let event = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        assert!(filter().admits(&event));
    }

    #[test]
    fn a_directory_that_was_removed_is_watched_again() {
        let filter = filter();
        assert!(filter.admits(&event(EventKind::Remove(notify::event::RemoveKind::Folder), "/a")));
        assert!(lock(&filter.lost).contains(Path::new("/a")));
    }

    #[test]
    fn an_exhausted_system_is_told_by_its_own_error() {
        let error = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
        assert_eq!(watch_error(error, Path::new("/a")).code(), "ERR_WATCH_LIMIT");
    }
}
