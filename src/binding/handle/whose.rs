//! Where the accounts of a handle are, and what may be done to their state.

use std::sync::Arc;
use std::time::Duration;

use crate::background;
use crate::binding::reads::describe::unwell;
use crate::error::Error;
use crate::pool::backend::Backend;
use crate::pool::memory::MemoryBackend;
use crate::rotation::pool_document::UnwellEndpoint;
use crate::store::accounts::reads::{self, DescribeRequest};
use crate::store::edits::candidates::{self, Entry};
use crate::store::edits::inherited::owner;
use crate::store::edits::marks::{Applied, Declined};
use crate::store::file::commit;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::{Edit, UpdateOptions};
use crate::store::inline::state::{Inline, Place};
use crate::time::WallMs;

/// Accounts that were given in line.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) inline: Arc<Inline>,
    /// For state in memory.
    pub(crate) pool: Arc<MemoryBackend>,
}

impl Given {
    fn unwell(&self, now: WallMs) -> Vec<UnwellEndpoint> {
        let mut unwell = Vec::new();
        self.pool.change(now, &mut |pool| unwell = pool.unwell(now));
        unwell
    }
}

/// The accounts of a handle.
#[derive(Debug, Clone)]
pub(crate) enum Whose {
    Store(StorePaths),
    Given(Given),
}

impl Whose {
    pub(crate) fn given(&self) -> Option<&Given> {
        match self {
            Self::Given(given) => Some(given),
            Self::Store(_) => None,
        }
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Given(given) => given.inline.place(),
            Self::Store(paths) => Place::File(paths.clone()),
        }
    }

    /// Only the handle's own accounts, and the endpoints that fail.
    pub(crate) async fn describe(
        self,
        provider: String,
        model: Option<String>,
        now: WallMs,
    ) -> Result<(Vec<Entry>, Vec<UnwellEndpoint>), Error> {
        let (mut entries, mut unwell) = match self.place() {
            Place::File(paths) => {
                let (stores, provider) = (paths.clone(), Some(provider.clone()));
                let request = DescribeRequest { paths, provider, model, now };
                let entries = reads::describe(request).await?;
                (entries, background::run("pool", move || unwell(stores, None, now)).await?)
            }
            Place::Memory(memory) => {
                let entries = memory.with(|documents| {
                    candidates::describe(documents, Some(&provider), model.as_deref(), now)
                });
                (entries, self.given().map(|given| given.unwell(now)).unwrap_or_default())
            }
        };
        unwell.retain(|it| it.endpoint.provider == provider);
        if let Self::Given(given) = &self {
            entries.retain(|entry| given.inline.profiles.iter().any(|it| it.id == entry.id));
        }
        Ok((entries, unwell))
    }

    /// Changes a profile where it lives.
    pub(crate) async fn edit(
        self,
        update: UpdateOptions,
        wait: Duration,
        id: String,
        mut edit: Edit,
    ) -> Result<Result<Applied, Declined>, Arc<Error>> {
        match self.place() {
            Place::File(paths) => {
                let paths = owner(paths, id).await;
                let outcome = commit::submit(paths, update, wait, edit).await;
                outcome.map(|outcome| outcome.applied)
            }
            Place::Memory(memory) => Ok(memory.with(|documents| edit(documents))),
        }
    }
}
