//! When to look at the store again: when the system says that a file has changed, or after a while.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::background;
use crate::store::file::paths::StorePaths;
use crate::store::watch::notices::Notices;

/// How often to look where there are no notifications, or no more of them.
const WITHOUT_NOTICES: Duration = Duration::from_secs(1);

/// Changes within this time after the first are read together: a busy gateway writes hundreds of times a second.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Invariant: after [`Trigger::arm`] no change is missed: it is in the read that follows, or wakes the next wait.
#[derive(Debug)]
pub(crate) struct Trigger {
    paths: StorePaths,
    signal: Arc<Notify>,
    notices: Option<Notices>,
}

impl Trigger {
    #[must_use]
    pub(crate) fn new(paths: StorePaths) -> Self {
        let signal = Arc::new(Notify::new());
        let notices = Notices::new(&paths, Arc::clone(&signal)).ok();
        Self { paths, signal, notices }
    }

    /// Watches what the paths lead to now; to be called before each read.
    pub(crate) async fn arm(&mut self) {
        let Some(mut notices) = self.notices.take() else { return };
        let paths = self.paths.clone();
        let arm = move || notices.arm(&paths).map(|()| notices);
        self.notices = background::run("watch", arm).await.and_then(|armed| armed).ok();
    }

    /// Returns when a file may have changed, or after `longest`.
    pub(crate) async fn wait(&self, longest: Duration) {
        let longest = match self.notices {
            Some(_) => longest,
            None => longest.min(WITHOUT_NOTICES),
        };
        // A notification during the pause is kept.
        tokio::time::sleep(BETWEEN_LOOKS).await;
        // Either way it is time.
        let _ = tokio::time::timeout(longest, self.signal.notified()).await;
    }
}
