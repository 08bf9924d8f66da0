//! Where the profiles that a command shows come from: a store file, or the current gateway's databases and the plugin's
//! store beside them.

use std::fmt;
use std::path::PathBuf;

use super::gateway::carrier::Carrier;
use super::gateway::side::{About, GatewaySide};
use super::profiles::{Pool, View, blocking};
use crate::error::{Error, Result};
use crate::pool::file::FileBackend;
use crate::rotation::pool_document;
use crate::store::document::text::Document;
use crate::store::edits::marks::Documents;
use crate::store::file::files::Disk;
use crate::store::file::paths::{Environment, StorePaths};
use crate::store::file::read;
use crate::store::openclaw::config::Config;
use crate::store::openclaw::places::Places;
use crate::store::openclaw::question::Answer;
use crate::store::openclaw::schema::Fault;
use crate::store::openclaw::seen_by_agent::Gateway;
use crate::store::openclaw::sides::Sides;
use crate::time::WallMs;

#[derive(Debug, Clone)]
pub(crate) enum Source {
    Files(StorePaths),
    Gateway(Box<Places>, Carrier),
}

/// Why there are no profiles to show.
#[derive(Debug)]
pub(crate) enum Trouble {
    Store(Error),
    Gateway(Fault),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Gateway(fault)
    }
}

impl Trouble {
    /// A stable name for programs.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Gateway(fault) => fault.code(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(formatter),
            Self::Gateway(fault) => fault.fmt(formatter),
        }
    }
}

impl Source {
    #[must_use]
    pub(crate) fn of(paths: StorePaths, environment: &Environment, carrier: &Carrier) -> Self {
        let places = Places::of(&paths, environment);
        if places.is_current_gateway(&paths) {
            return Self::Gateway(Box::new(places), carrier.clone());
        }
        Self::Files(paths)
    }

    /// The store that this package keeps its state in: the agent's own, or the plugin's.
    #[must_use]
    pub(crate) fn ours(&self) -> &StorePaths {
        match self {
            Self::Files(paths) => paths,
            Self::Gateway(places, _) => &places.ours,
        }
    }

    /// The files that change when a profile does, where no store is to be watched as hosts write it.
    #[must_use]
    pub(crate) fn polled(&self) -> Option<Vec<PathBuf>> {
        let Self::Gateway(places, _) = self else { return None };
        Some(places.watched().chain([places.ours.store.clone()]).collect())
    }

    /// Reads the profiles as they are now. Off the event loop, as far as it is ours to read.
    pub(crate) async fn pool(
        &self,
        view: &View,
        now: WallMs,
    ) -> std::result::Result<Pool, Trouble> {
        let view = view.clone();
        match self {
            Self::Files(paths) => {
                let paths = paths.clone();
                let read = move || {
                    let documents = read::load_documents(&Disk, &paths)?;
                    let shared = shared(&paths, now);
                    let pool = Pool::of(&documents, &view, now).with_endpoints(&shared);
                    Ok(pool.with_logins(&documents, &shared))
                };
                Ok(blocking(read).await?)
            }
            Self::Gateway(places, carrier) => {
                let answer = carrier.rows(places).await?;
                let places = places.clone();
                blocking(move || Ok(of_gateway(&places, &answer, &view, now))).await?
            }
        }
    }
}

fn of_gateway(
    places: &Places,
    answer: &Answer,
    view: &View,
    now: WallMs,
) -> std::result::Result<Pool, Trouble> {
    let gateway = Gateway::read(places, answer)?;
    let config = Config::load(&places.config);
    let ours = ours(places)?;
    let sides = Sides::of(&gateway.documents, &config.orders, ours.as_ref())
        .map_err(|_| Error::Internal("both books"))?;
    let about = About::of(&gateway, places, &config);
    let side = GatewaySide::of(&sides, about, view.model.as_deref(), now);
    Ok(Pool::of(&sides.judged, view, now)
        .with_endpoints(&shared(&places.ours, now))
        .with_gateway(side))
}

/// The plugin's store; `None` before its first request.
pub(crate) fn ours(places: &Places) -> Result<Option<Document>> {
    match read::load_documents(&Disk, &places.ours) {
        Ok(Documents { own, .. }) => Ok(Some(own)),
        Err(Error::StoreMissing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the processes that share a store tell each other.
#[must_use]
pub(crate) fn shared(paths: &StorePaths, now: WallMs) -> pool_document::Pool {
    let stores = paths.main.iter().cloned().chain([paths.store.clone()]);
    FileBackend::beside(stores.collect()).peek(now)
}
