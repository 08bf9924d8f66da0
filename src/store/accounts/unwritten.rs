//! Bookings that could not be written: they hold in this process, until a later booking takes them along.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use crate::background::lock;
use crate::store::edits::marks::{Documents, Mark};

/// More than a store that cannot be written collects before somebody looks at the warning.
const MOST_UNWRITTEN: usize = 256;

/// Bookings of one store that could not be written.
#[derive(Debug, Default)]
struct Unwritten {
    marks: Vec<Arc<Mark>>,
    /// One later booking takes them along; two would count them twice.
    is_caught_up: bool,
}

static UNWRITTEN: LazyLock<Mutex<HashMap<PathBuf, Unwritten>>> = LazyLock::new(Mutex::default);

/// Keeps a booking that could not be written in this process, until a later one takes it along.
pub(crate) fn keep(store: &Path, mark: Mark) {
    let mut all = lock(&UNWRITTEN);
    let marks = &mut all.entry(store.to_path_buf()).or_default().marks;
    if marks.len() == MOST_UNWRITTEN {
        marks.remove(0);
    }
    marks.push(Arc::new(mark));
}

/// What could not be written before, for one booking to take along.
#[derive(Debug)]
pub(crate) struct CatchUp {
    store: PathBuf,
    marks: Vec<Arc<Mark>>,
}

impl CatchUp {
    /// `None` if there is nothing, or another booking has it.
    #[must_use]
    pub(crate) fn begin(store: &Path) -> Option<Self> {
        let mut all = lock(&UNWRITTEN);
        let unwritten = all.get_mut(store)?;
        if unwritten.marks.is_empty() || std::mem::replace(&mut unwritten.is_caught_up, true) {
            return None;
        }
        Some(Self { store: store.to_path_buf(), marks: unwritten.marks.clone() })
    }

    pub(crate) fn apply(&self, documents: &mut Documents) {
        hold(documents, &self.marks);
    }

    /// What is written holds in the file from now on, where others see it and may clear it.
    pub(crate) fn end(&self, is_written: bool) {
        let mut all = lock(&UNWRITTEN);
        let Some(unwritten) = all.get_mut(&self.store) else { return };
        unwritten.is_caught_up = false;
        if is_written {
            let is_written = |mark: &Arc<Mark>| self.marks.iter().any(|it| Arc::ptr_eq(it, mark));
            unwritten.marks.retain(|mark| !is_written(mark));
        }
    }
}

/// Lets them hold in what was read.
pub(crate) fn hold_all(documents: &mut Documents, store: &Path) {
    let marks = lock(&UNWRITTEN).get(store).map(|it| it.marks.clone()).unwrap_or_default();
    hold(documents, &marks);
}

fn hold(documents: &mut Documents, marks: &[Arc<Mark>]) {
    for mark in marks {
        let stats = documents.stats(&mark.profile_id);
        if [stats.last_used, stats.last_failure_at].into_iter().flatten().any(|at| at > mark.now) {
            // The file knows something newer.
            continue;
        }
        // A profile that is gone has nothing to hold.
        let _ = mark.apply(documents);
    }
}
