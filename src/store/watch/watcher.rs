//! Watching the store: what other processes and this one have written, in milliseconds and without polling.
//!
//! Protocol: notifications ring one bell; each ring means "look": watch what the paths lead to now, read, compare,
//! tell. A look begins after the watch stands, so no change falls between. Rings during a look or a pause become one
//! more look, so the last state is always told.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::change::Tracker;
pub(crate) use super::change::{Change, News};
use super::notices::Notices;
use crate::error::{Error, Result};
use crate::store::file::files::Disk;
use crate::store::file::paths::StorePaths;
use crate::store::file::read::{host_view, load, load_documents};

/// The first change of a burst is told at once, the others together after this.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// A watch that stands. Dropping it releases everything.
#[derive(Debug)]
pub(crate) struct Watch {
    bell: Arc<Notify>,
    watcher: Watcher,
}

/// The half that blocks.
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
        let bell = Arc::new(Notify::new());
        let mut notices = Notices::new(&paths, Arc::clone(&bell))?;
        notices.arm(&paths)?;
        let store = match read(&paths) {
            Ok(text) => Some(text),
            Err(Error::StoreMissing { .. }) => None,
            Err(error) => return Err(error),
        };
        let tracker = Tracker::begin(store.as_deref());
        Ok((Watch { bell, watcher: Watcher { paths, notices, tracker } }, store))
    };
    tokio::task::spawn_blocking(start).await.unwrap_or(Err(Error::Internal("watch")))
}

impl Watch {
    /// Tells what changes until the token is cancelled.
    pub(crate) async fn run(self, token: CancellationToken, tell: impl Fn(News)) {
        let _ = token.run_until_cancelled(self.follow(&token, tell)).await;
    }

    async fn follow(self, token: &CancellationToken, tell: impl Fn(News)) {
        let Self { bell, mut watcher } = self;
        loop {
            let again = watcher.tracker.look_again();
            tokio::select! {
                () = bell.notified() => {}
                () = tokio::time::sleep(again.unwrap_or_default()), if again.is_some() => {}
            }
            let look = tokio::task::spawn_blocking(move || {
                let news = watcher.look();
                (watcher, news)
            });
            let Ok((back, news)) = look.await else { return };
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
