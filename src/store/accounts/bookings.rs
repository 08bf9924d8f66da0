//! The bookings of one store on their way into its file, in their order.
//!
//! Invariant: a booking holds in this process from the moment it is made until it is in the file, and is counted once,
//! also for readers of the file while it is being written.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::background::lock;
use crate::error::Error;
use crate::profiles::booking::Report;
use crate::profiles::booking_rules::Policy;
use crate::profiles::stats::UsageStats;
use crate::store::edits::marks::{Documents, Event, Mark, MarkedStore, Restored};
use crate::store::file::paths::StorePaths;
use crate::store::file::update::UpdateOptions;
use crate::time::WallMs;

/// From this number on newer bookings replace older ones. A store that cannot be written collects fewer for a long time.
const MANY: usize = 1_024;

/// Where and how a booking is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub home: StorePaths,
    pub options: UpdateOptions,
    /// The longest wait for the store's lock, before that is told.
    pub wait: Duration,
}

/// Called once: when others see the booking, or when it could not be written for now.
type Then = Box<dyn FnOnce() + Send>;

/// Tells of a booking that could not be written.
#[derive(Clone)]
pub(crate) struct Warn(Arc<Teller>);

type Teller = dyn Fn(&Arc<Error>) + Send + Sync;

impl Warn {
    #[must_use]
    pub(crate) fn new(warn: impl Fn(&Arc<Error>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(warn))
    }
}

impl fmt::Debug for Warn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Warn")
    }
}

/// The bookings of one store that are not in its file yet.
#[derive(Debug, Default)]
pub(crate) struct Bookings {
    list: Mutex<Vec<Arc<Made>>>,
    /// Counts changes of the list and of its bookings. Advanced after a change, or with the list locked.
    version: AtomicU64,
}

/// One booking.
pub(crate) struct Made {
    what: What,
    target: Target,
    warn: Option<Warn>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum What {
    Mark(Mark),
    /// Undoes one that is written, or about to be.
    TakeBack {
        made: Arc<Made>,
        now: WallMs,
    },
}

#[derive(Default)]
struct State {
    progress: Progress,
    /// A first try to write it has failed: by now the file may know something newer.
    is_late: bool,
    /// What it changed, once that is known.
    change: Option<Restored>,
    then: Option<Then>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Waiting,
    /// In the text that is being written.
    Applied,
    Written,
    TakenBack,
}

impl Made {
    #[must_use]
    pub(crate) fn new(mark: Mark, target: Target, warn: Option<Warn>, then: Then) -> Arc<Self> {
        let state = State { then: Some(then), ..State::default() };
        Arc::new(Self { what: What::Mark(mark), target, warn, state: Mutex::new(state) })
    }

    fn progress(&self) -> Progress {
        lock(&self.state).progress
    }

    /// Lets it hold in a store that does not have it.
    fn hold<Store: MarkedStore<Error = Infallible>>(&self, store: &mut Store) {
        let Some(mark) = self.mark() else { return };
        let stats = store.usage_stats(&mark.profile_id).unwrap_or_default();
        if !self.is_overtaken(&mark, &stats) {
            let Ok(_) = mark.apply_to(store);
        }
    }

    /// Applies it to documents that do not have it.
    fn apply(&self, documents: &mut Documents) -> Option<Restored> {
        let mark = self.mark()?;
        let before = documents.stats(&mark.profile_id);
        if self.is_overtaken(&mark, &before) {
            return None;
        }
        // The profile was removed.
        mark.apply(documents).ok()?;
        Some(Restored { after: documents.stats(&mark.profile_id), before })
    }

    /// It was held up, and what the file knows by now says more. A failure says of its own window until when it holds,
    /// which nothing newer takes back; the host's rules would shorten a newer one.
    fn is_overtaken(&self, mark: &Mark, stats: &UsageStats) -> bool {
        let keeps_newer = match &mark.event {
            Event::Failure(failure) => failure.policy == Policy::Safe,
            _ => false,
        };
        lock(&self.state).is_late && !keeps_newer && is_newer(stats, mark.now)
    }

    /// The mark that this booking is written as. `None`: there is nothing to take back.
    fn mark(&self) -> Option<Mark> {
        let (made, now) = match &self.what {
            What::Mark(mark) => return Some(mark.clone()),
            What::TakeBack { made, now } => (made, *now),
        };
        let What::Mark(Mark { profile_id, .. }) = &made.what else { return None };
        let change = lock(&made.state).change.clone()?;
        let profile_id = profile_id.clone();
        Some(Mark { profile_id, event: Event::Restore(Box::new(change)), now })
    }

    /// Whether a text that may have been written with it has it.
    fn is_in(&self, store: &impl MarkedStore) -> bool {
        match &self.what {
            What::Mark(mark) => {
                let stats = store.usage_stats(&mark.profile_id).unwrap_or_default();
                match mark.event {
                    Event::Failure(_) => stats.last_failure_at.is_some_and(|at| at >= mark.now),
                    _ => stats.last_used.is_some_and(|at| at >= mark.now),
                }
            }
            // To do it twice does nothing.
            What::TakeBack { .. } => false,
        }
    }

    /// Whether a newer booking covers this one.
    fn is_covered_by(&self, newer: &Self) -> bool {
        let (What::Mark(old), What::Mark(new)) = (&self.what, &newer.what) else { return false };
        old.profile_id == new.profile_id
            && match (&old.event, &new.event) {
                (Event::Success { success: old, .. }, Event::Success { success: new, .. }) => {
                    old.model == new.model
                }
                (Event::Failure(old), Event::Failure(new)) => {
                    let class = |report: &Report| report.failure.as_ref().map(|it| it.class);
                    old.report.model == new.report.model && class(&old.report) == class(&new.report)
                }
                _ => false,
            }
    }
}

impl Bookings {
    /// From now on it holds in this process.
    pub(crate) fn add(&self, made: Arc<Made>) {
        let covered = {
            let mut list = lock(&self.list);
            self.advance();
            list.push(made);
            if list.len() > MANY { forget_covered(&mut list) } else { None }
        };
        if let Some(covered) = covered {
            covered.call_back();
        }
    }

    /// Undoes a booking; one that is not in the file yet is dropped.
    pub(crate) fn take_back(&self, made: &Arc<Made>, now: WallMs) {
        let mut list = lock(&self.list);
        self.advance();
        let mut state = lock(&made.state);
        match state.progress {
            Progress::Waiting => {
                state.progress = Progress::TakenBack;
                drop(state);
                list.retain(|it| !Arc::ptr_eq(it, made));
                drop(list);
                made.call_back();
            }
            Progress::Applied | Progress::Written => {
                drop(state);
                list.push(Arc::new(Self::undoing(made, now)));
            }
            Progress::TakenBack => {}
        }
    }

    fn undoing(made: &Arc<Made>, now: WallMs) -> Made {
        let (target, warn) = (made.target.clone(), made.warn.clone());
        let what = What::TakeBack { made: Arc::clone(made), now };
        Made { what, target, warn, state: Mutex::default() }
    }

    #[must_use]
    pub(crate) fn len(&self) -> usize {
        lock(&self.list).len()
    }

    /// Where the first of them is to be written.
    #[must_use]
    pub(crate) fn target(&self) -> Option<Target> {
        lock(&self.list).first().map(|made| made.target.clone())
    }

    /// Part of an update, under the store's lock: applies those that are to be written in this way. May be done again on
    /// a fresh document, if the lock was lost.
    pub(crate) fn apply(&self, target: &Target, documents: &mut Documents) {
        // Locked to the end, so that none is taken back while it is being applied.
        let list = lock(&self.list);
        self.advance();
        for made in list.iter().take_while(|made| made.target == *target) {
            let change = made.apply(documents);
            let mut state = lock(&made.state);
            state.progress = Progress::Applied;
            state.change = change;
        }
    }

    /// What was applied is in the file.
    pub(crate) fn written(&self) {
        let done: Vec<_> = {
            let mut list = lock(&self.list);
            self.advance();
            list.extract_if(.., |made| {
                let mut state = lock(&made.state);
                let is_done = state.progress == Progress::Applied;
                if is_done {
                    state.progress = Progress::Written;
                }
                is_done
            })
            .collect()
        };
        for made in done {
            made.call_back();
        }
    }

    /// What was to be written is not in the file: it goes on holding here.
    pub(crate) fn not_written(&self, error: &Arc<Error>) {
        let list = lock(&self.list).clone();
        for made in &list {
            let mut state = lock(&made.state);
            if state.progress == Progress::Applied {
                state.progress = Progress::Waiting;
            }
            state.is_late = true;
        }
        self.advance();
        if let Some(warn) = list.first().and_then(|made| made.warn.as_ref()) {
            (warn.0)(error);
        }
        for made in list {
            made.call_back();
        }
    }

    /// Those that are not in the file, to be taken before it is read.
    #[must_use]
    pub(crate) fn pending(&self) -> Pending {
        let list = lock(&self.list);
        Pending { list: list.clone(), version: self.version.load(Ordering::Relaxed) }
    }

    fn advance(&self) {
        self.version.fetch_add(1, Ordering::Relaxed);
    }
}

impl Made {
    fn call_back(&self) {
        let then = lock(&self.state).then.take();
        if let Some(then) = then {
            then();
        }
    }
}

/// Bookings that may or may not be in a text that was read since.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    list: Vec<Arc<Made>>,
    version: u64,
}

impl Pending {
    #[cfg(test)]
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Changes whenever the bookings do.
    #[must_use]
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Lets them hold in what was read.
    pub(crate) fn hold<Store: MarkedStore<Error = Infallible>>(&self, store: &mut Store) {
        for made in &self.list {
            let is_missing = match made.progress() {
                Progress::Waiting => true,
                Progress::Applied | Progress::Written => !made.is_in(store),
                Progress::TakenBack => false,
            };
            if is_missing {
                made.hold(store);
            }
        }
    }
}

fn is_newer(stats: &UsageStats, than: WallMs) -> bool {
    [stats.last_used, stats.last_failure_at].into_iter().flatten().any(|at| at > than)
}

/// The oldest that the newest one stands for: so there are at most as many as there are things to say.
fn forget_covered(list: &mut Vec<Arc<Made>>) -> Option<Arc<Made>> {
    let (newest, earlier) = list.split_last()?;
    let is_covered =
        |made: &Arc<Made>| made.progress() == Progress::Waiting && made.is_covered_by(newest);
    let index = earlier.iter().position(is_covered)?;
    Some(list.remove(index))
}

impl fmt::Debug for Made {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Made").field("what", &self.what).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
