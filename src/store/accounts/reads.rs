//! What callers read of a store: what its files say, with the bookings of this process that are not in them yet.

use super::writer;
use crate::background;
use crate::error::Result;
use crate::store::edits::candidates::{self, Entry};
use crate::store::edits::marks::Documents;
use crate::store::file::files::Disk;
use crate::store::file::paths::StorePaths;
use crate::store::file::{commit, read};
use crate::time::WallMs;

/// Reads the store off the event loop, as JSON text in the host's shape.
pub(crate) async fn store(paths: StorePaths) -> Result<String> {
    let read = move || {
        let text = read::host_view(&documents(&paths)?);
        commit::notice_unflushed(&paths.store);
        Ok(text)
    };
    background::run("read", read).await?
}

/// Which profiles to describe, for which model, at which time.
#[derive(Debug, Clone)]
pub(crate) struct DescribeRequest {
    pub paths: StorePaths,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub now: WallMs,
}

/// Describes the profiles off the event loop.
pub(crate) async fn describe(request: DescribeRequest) -> Result<Vec<Entry>> {
    let describe = move || {
        let documents = documents(&request.paths)?;
        let (provider, model) = (request.provider.as_deref(), request.model.as_deref());
        Ok(candidates::describe(&documents, provider, model, request.now))
    };
    background::run("describe", describe).await?
}

fn documents(paths: &StorePaths) -> Result<Documents> {
    // Before the files are read: what is written meanwhile is then in one of them at least.
    let pending = writer::pending(paths);
    let mut documents = read::load_documents(&Disk, paths)?;
    for pending in pending {
        pending.hold(&mut documents);
    }
    Ok(documents)
}
