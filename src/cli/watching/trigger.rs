//! When to look at the store again: when the system says that a file has changed, or after a while.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use crate::background;
use crate::cli::source::Source;
use crate::store::file::paths::StorePaths;
use crate::store::watch::notices::Notices;

/// How often to look where there are no notifications, or no more of them.
const WITHOUT_NOTICES: Duration = Duration::from_secs(1);

/// Changes within this time after the first are read together: a busy gateway writes hundreds of times a second.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How often a gateway's databases are looked at: only their size and times.
const BETWEEN_STATS: Duration = Duration::from_millis(250);

/// Invariant: after [`Trigger::arm`] no change is missed: it is in the read that follows, or wakes the next wait.
#[derive(Debug)]
pub(crate) struct Trigger {
    paths: StorePaths,
    signal: Arc<Notify>,
    notices: Option<Notices>,
    /// Files that are looked at instead: SQLite's are written many times for one change, most of them for sessions.
    polled: Option<Vec<PathBuf>>,
    seen: Vec<Signature>,
}

/// What tells a changed file from an unchanged one; `None`: it is not there.
type Signature = Option<(u64, SystemTime)>;

fn signatures(files: &[PathBuf]) -> Vec<Signature> {
    let look = |file: &PathBuf| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    files.iter().map(look).collect()
}

impl Trigger {
    #[must_use]
    pub(crate) fn new(source: &Source) -> Self {
        let (paths, polled) = (source.ours().clone(), source.polled());
        let signal = Arc::new(Notify::new());
        let notices = match polled {
            Some(_) => None,
            None => Notices::new(&paths, Arc::clone(&signal)).ok(),
        };
        Self { paths, signal, notices, polled, seen: Vec::new() }
    }

    /// Watches what the paths lead to now; to be called before each read.
    pub(crate) async fn arm(&mut self) {
        if let Some(files) = &self.polled {
            self.seen = signatures(files);
            return;
        }
        let Some(mut notices) = self.notices.take() else { return };
        let paths = self.paths.clone();
        let arm = move || notices.arm(&paths).map(|()| notices);
        self.notices = background::run("watch", arm).await.and_then(|armed| armed).ok();
    }

    /// Returns when a file may have changed, or after `longest`.
    pub(crate) async fn wait(&self, longest: Duration) {
        if let Some(files) = &self.polled {
            return self.poll(files, longest).await;
        }
        let longest = match self.notices {
            Some(_) => longest,
            None => longest.min(WITHOUT_NOTICES),
        };
        // A notification during the pause is kept.
        tokio::time::sleep(BETWEEN_LOOKS).await;
        // Either way it is time.
        let _ = tokio::time::timeout(longest, self.signal.notified()).await;
    }

    async fn poll(&self, files: &[PathBuf], longest: Duration) {
        let deadline = Instant::now() + longest;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            tokio::time::sleep(left.min(BETWEEN_STATS)).await;
            if left <= BETWEEN_STATS || signatures(files) != self.seen {
                return;
            }
        }
    }
}
