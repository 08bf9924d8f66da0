//! When to look at the store again.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use crate::store::files::{Disk, Files, Stat};
use crate::store::paths::StorePaths;

/// Between two looks at the names. A look is a few `stat` calls, on any file system.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The files that matter, as they were at the last look.
#[derive(Debug)]
pub struct Trigger {
    paths: Vec<PathBuf>,
    seen: Vec<Option<Stat>>,
}

impl Trigger {
    /// From now on. What is read later is at least as new.
    #[must_use]
    pub fn new(paths: &StorePaths) -> Self {
        let stores = [Some(&paths.store), paths.main.as_ref()];
        let paths = stores.into_iter().flatten().flat_map(|store| {
            [store.clone(), StorePaths::state(store), StorePaths::database(store)]
        });
        let mut trigger = Self { paths: paths.collect(), seen: Vec::new() };
        trigger.seen = trigger.look();
        trigger
    }

    /// Returns when a file has changed, or after `longest`.
    pub async fn wait(&mut self, longest: Duration) {
        let end = Instant::now() + longest;
        loop {
            let now = self.look();
            if now != self.seen {
                self.seen = now;
                return;
            }
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end.min(Instant::now() + LOOK_EVERY)).await;
        }
    }

    fn look(&self) -> Vec<Option<Stat>> {
        let look = |path: &PathBuf| {
            // A link's target is what changes.
            let path = Disk.canonicalize(path).ok()?;
            Disk.stat(&path).ok()
        };
        self.paths.iter().map(look).collect()
    }
}
