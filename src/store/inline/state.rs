//! Where the state of in-line accounts lives: a file of our own, or memory where there can be none.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::memory_store::Memory;
use super::profile::InlineProfile;
use crate::background::{self, lock};
use crate::error::Error;
use crate::store::edits::by_hand::upsert_profile;
use crate::store::edits::candidates::OrderConfig;
use crate::store::edits::marks::{Applied, Declined, Documents};
use crate::store::file::atomic::Durability;
use crate::store::file::commit;
use crate::store::file::files::Disk;
use crate::store::file::paths::StorePaths;
use crate::store::file::read;
use crate::store::file::update::{Edit, UpdateOptions};

/// The accounts that a program gives in line, and their state.
#[derive(Debug)]
pub(crate) struct Inline {
    pub profiles: Vec<InlineProfile>,
    /// Of those that have one of their own, by id.
    pub addresses: Arc<HashMap<String, u64>>,
    place: Mutex<Place>,
    is_prepared: AtomicBool,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    File(StorePaths),
    Memory(Arc<Memory>),
}

impl Inline {
    /// `None`: in memory.
    #[must_use]
    pub(crate) fn new(profiles: Vec<InlineProfile>, paths: Option<StorePaths>) -> Arc<Self> {
        let place = paths.map(Place::File);
        let is_prepared = AtomicBool::new(place.is_none());
        let memory = || Place::Memory(remember(&profiles));
        let place = Mutex::new(place.unwrap_or_else(memory));
        let own = |it: &InlineProfile| Some((it.id.clone(), it.carried.base_url?));
        let addresses = Arc::new(profiles.iter().filter_map(own).collect());
        Arc::new(Self { profiles, addresses, place, is_prepared })
    }

    #[must_use]
    pub(crate) fn place(&self) -> Place {
        lock(&self.place).clone()
    }

    #[must_use]
    pub(crate) fn profile(&self, id: &str) -> Option<&InlineProfile> {
        self.profiles.iter().find(|profile| profile.id == id)
    }

    #[must_use]
    pub(crate) fn profiles(&self) -> &[InlineProfile] {
        &self.profiles
    }

    /// Only these accounts, in no explicit order.
    #[must_use]
    pub(crate) fn config(&self) -> OrderConfig {
        let listed = self.profiles.iter().map(|it| (it.id.clone(), Some(it.kind)));
        OrderConfig { profiles: listed.collect(), ..OrderConfig::default() }
    }

    #[must_use]
    pub(crate) fn is_prepared(&self) -> bool {
        self.is_prepared.load(Ordering::Relaxed)
    }

    /// The state has lost accounts.
    pub(crate) fn must_prepare(&self) {
        self.is_prepared.store(matches!(self.place(), Place::Memory(_)), Ordering::Relaxed);
    }

    /// Sees to it that the file lists the accounts, so that others see where they stand. Where it cannot, memory takes its
    /// place, and the fault is told.
    pub(crate) async fn prepare(self: Arc<Self>, wait: Duration) -> Option<Arc<Error>> {
        let Place::File(paths) = self.place() else { return None };
        let listed = list(Arc::clone(&self), paths, wait).await;
        if listed.is_err() {
            *lock(&self.place) = Place::Memory(remember(&self.profiles));
        }
        self.is_prepared.store(true, Ordering::Relaxed);
        listed.err()
    }

    fn upsert_all(&self, documents: &mut Documents) -> Result<Applied, Declined> {
        let mut has_changed = false;
        for profile in &self.profiles {
            has_changed |= upsert_profile(documents, &profile.id, &profile.entry()).is_ok();
        }
        if has_changed { Ok(Applied::default()) } else { Err(Declined::NothingToChange) }
    }

    fn is_listed(&self, paths: &StorePaths) -> bool {
        read::load_documents(&Disk, paths)
            .is_ok_and(|mut documents| self.upsert_all(&mut documents).is_err())
    }
}

async fn list(inline: Arc<Inline>, paths: StorePaths, wait: Duration) -> Result<(), Arc<Error>> {
    let (looked, place) = (Arc::clone(&inline), paths.clone());
    let is_listed = background::run("prepare", move || looked.is_listed(&place));
    if is_listed.await.map_err(Arc::new)? {
        return Ok(());
    }
    commit::ensure(paths.store.clone()).await.map_err(Arc::new)?;
    let edit: Edit = Box::new(move |documents| inline.upsert_all(documents));
    let update = UpdateOptions { durability: Durability::Relaxed, ..UpdateOptions::default() };
    commit::submit(paths, update, wait, edit).await.map(|_| ())
}

fn remember(profiles: &[InlineProfile]) -> Arc<Memory> {
    let memory = Memory::new();
    memory.with(|documents| {
        for profile in profiles {
            let _ = upsert_profile(documents, &profile.id, &profile.entry());
        }
    });
    memory
}
