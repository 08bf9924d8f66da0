//! Watching the store: what other processes and this one have written, in milliseconds and without polling.
//!
//! Protocol: notifications give one signal. After each signal: watch what the paths lead to now, read, compare, report.
//! The read begins after the watch is in place, so no change is missed. Signals during a read or a pause cause one more
//! read, so the last state is always reported.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::change::Tracker;
pub(crate) use super::change::{Change, News};
use super::notices::Notices;
use crate::background;
use crate::error::{Error, Result};
use crate::store::file::files::Disk;
use crate::store::file::paths::StorePaths;
use crate::store::file::read::{host_view, load, load_documents};

/// The first change of a burst is told at once, the others together after this.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// A watch that stands. Dropping it releases everything.
#[derive(Debug)]
pub(crate) struct Watch {
    signal: Arc<Notify>,
    watcher: Watcher,
}

/// The blocking part.
#[derive(Debug)]
struct Watcher {
    paths: StorePaths,
    notices: Notices,
    tracker: Tracker,
}

/// Starts to watch, off the caller's thread. Answers the store too as it was when the watch stood; `None` if there is
/// none yet.
pub(crate) async fn start(paths: StorePaths) -> Result<(Watch, Option<String>)> {
    let start = move || {
        let signal = Arc::new(Notify::new());
        let mut notices = Notices::new(&paths, Arc::clone(&signal))?;
        notices.arm(&paths)?;
        let store = match read(&paths) {
            Ok(text) => Some(text),
            Err(Error::StoreMissing { .. }) => None,
            Err(error) => return Err(error),
        };
        let tracker = Tracker::begin(store.as_deref());
        Ok((Watch { signal, watcher: Watcher { paths, notices, tracker } }, store))
    };
    background::run("watch", start).await?
}

impl Watch {
    /// Tells what changes until the token is cancelled.
    pub(crate) async fn run(self, token: CancellationToken, tell: impl Fn(News)) {
        let _ = token.run_until_cancelled(self.follow(&token, tell)).await;
    }

    async fn follow(self, token: &CancellationToken, tell: impl Fn(News)) {
        let Self { signal, mut watcher } = self;
        loop {
            let again = watcher.tracker.look_again();
            tokio::select! {
                () = signal.notified() => {}
                () = tokio::time::sleep(again.unwrap_or_default()), if again.is_some() => {}
            }
            let look = move || {
                let news = watcher.look();
                (watcher, news)
            };
            let Ok((back, news)) = background::run("watch", look).await else { return };
            watcher = back;
            if token.is_cancelled() {
                return;
            }
            if let Some(news) = news {
                tell(news);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
}

impl Watcher {
    fn look(&mut self) -> Option<News> {
        let armed = self.notices.arm(&self.paths);
        self.tracker.observe(armed.and_then(|()| read(&self.paths)))
    }
}

/// The merged store. Unlike other readers, it does not do without a main agent's store that is there but unreadable:
/// its profiles would seem to be gone.
fn read(paths: &StorePaths) -> Result<String> {
    let documents = load_documents(&Disk, paths)?;
    if let (None, Some(main)) = (&documents.main, &paths.main) {
        refuse_unreadable(main)?;
    }
    Ok(host_view(&documents))
}

fn refuse_unreadable(main: &Path) -> Result<()> {
    match load(&Disk, main) {
        Ok(_) | Err(Error::StoreMissing { .. } | Error::StoreMigrated { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
