//! Choosing the next profile: choose and reserve in one step, under the pool's lock.
//!
//! Invariant: a booking holds before its reservation ends, so a later choice sees the window or the reservation.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::sync::oneshot;

use super::backend::Backend;
use super::owner;
use super::queue::Change;
use crate::background::lock;
use crate::error::{Error, Result};
use crate::profiles::status::State;
use crate::rotation::account_store::AccountStore;
use crate::rotation::accounts::Standing;
use crate::rotation::attempt_credential::AttemptCredential;
use crate::rotation::choice::Choice;
use crate::rotation::endpoint::rest::EndpointNews;
use crate::rotation::force::standings;
use crate::rotation::pool_document::{Pool, Refusal, Ticket};
use crate::rotation::request::Request;
use crate::rotation::reserve::{Outcome, ReservationEnd, reserve};
use crate::rotation::run::Chosen;
use crate::time::WallMs;
use crate::trace::trace_step;

/// The pause between two looks for a probe's verdict, in milliseconds.
const LOOKS_MS: std::ops::Range<u64> = 15..60;

/// The longest that whoever waits for an endpoint does not look in between.
const LONGEST_QUIET: Duration = Duration::from_millis(250);

/// A pool and the accounts that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub pool: Arc<dyn Backend>,
    pub accounts: Arc<dyn AccountStore>,
}

/// A profile that this process may ask now.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub reservation: HeldReservation,
    pub credential: AttemptCredential,
}

/// A reservation of this process; it ends when this is dropped, at the latest when the process dies.
#[derive(Debug)]
pub(crate) struct HeldReservation {
    pool: Arc<dyn Backend>,
    end: Option<ReservationEnd>,
    /// When it was made, by both clocks: a request may go on for hours.
    now: WallMs,
    made: Instant,
}

impl HeldReservation {
    fn new(pool: &Arc<dyn Backend>, end: ReservationEnd, now: WallMs) -> Self {
        Self { pool: Arc::clone(pool), end: Some(end), now, made: Instant::now() }
    }

    /// Ends it without a wait.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.give_back(outcome);
    }

    /// `None`: nobody waits for what comes of it.
    #[must_use]
    pub(crate) fn trial(&self) -> Option<Trial> {
        let end = self.end.clone().filter(ReservationEnd::is_awaited)?;
        Some(Trial { pool: Arc::clone(&self.pool), end, now: self.now, made: self.made })
    }

    fn give_back(&mut self, outcome: Outcome) {
        let Some(end) = self.end.take() else { return };
        // The choice's time plus what has passed. The choice's own time would make everything newer look like the future.
        let now = self.now + self.made.elapsed();
        let work = Box::new(move |pool: &mut Pool| end.apply(pool, outcome, now));
        self.pool.submit(Change { now, work, done: Box::new(|| {}) });
    }
}

/// The way to those who wait for an endpoint that is tried out, or for the verdict of a probe.
#[derive(Debug)]
pub(crate) struct Trial {
    pool: Arc<dyn Backend>,
    end: ReservationEnd,
    now: WallMs,
    made: Instant,
}

impl Trial {
    /// Tells what came of the attempt, before its booking: that may take long.
    pub(crate) fn tell(self, outcome: Outcome) {
        let Self { pool, end, now, made } = self;
        if !end.is_awaited_with(outcome) {
            return;
        }
        let now = now + made.elapsed();
        let work = Box::new(move |pool: &mut Pool| end.foretell(pool, outcome, now));
        pool.submit(Change { now, work, done: Box::new(|| {}) });
    }

    /// The answer has begun.
    pub(crate) fn lives(self) {
        let at = self.now + self.made.elapsed();
        self.tell(Outcome { is_answered: true, news: Some(EndpointNews::Lives { at }) });
    }
}

impl Drop for HeldReservation {
    fn drop(&mut self) {
        self.give_back(Outcome::default());
    }
}

/// What was chosen, and who is reserved.
pub(crate) type Choosing = Result<(Chosen, Option<Reserved>)>;

/// Chooses and reserves, off the event loop; `done` is called on another thread, or here if the pool is in memory. It is
/// dropped if that panics.
pub(crate) fn begin(
    source: &Source,
    request: Request,
    now: WallMs,
    done: impl FnOnce(Choosing) + Send + 'static,
) {
    let (pool, accounts) = (Arc::clone(&source.pool), Arc::clone(&source.accounts));
    let work = move |document: &mut Pool| {
        let chosen = choose_in(document, accounts.as_ref(), &request, now, owner::ticket());
        let (chosen, taken) = chosen?;
        let reserved = taken.map(|(end, credential)| {
            Ok(Reserved {
                reservation: HeldReservation::new(&pool, end, now),
                credential: credential.ok_or(Error::Internal("choose"))?,
            })
        });
        Ok((chosen, reserved.transpose()?))
    };
    change(source, now, work, done);
}

/// The same for those who wait.
async fn choose(source: &Source, request: Request, now: WallMs) -> Choosing {
    let (tell, told) = oneshot::channel();
    // If the caller has aborted, the receiver is gone, and the reservation ends with the dropped answer.
    begin(source, request, now, |chosen| _ = tell.send(chosen));
    told.await.unwrap_or(Err(Error::Internal("choose")))
}

/// Changes the pool, off the event loop. `done` is dropped if the work panics.
fn change<T: Send + 'static>(
    source: &Source,
    now: WallMs,
    mut work: impl FnMut(&mut Pool) -> T + Send + 'static,
    done: impl FnOnce(T) + Send + 'static,
) {
    let answer = Arc::new(Mutex::new(None));
    let last = Arc::clone(&answer);
    let work = Box::new(move |pool: &mut Pool| *lock(&last) = Some(work(pool)));
    let done = move || {
        let answer = lock(&answer).take();
        if let Some(answer) = answer {
            done(answer);
        }
    };
    source.pool.submit(Change { now, work, done: Box::new(done) });
}

/// Repeats the choice until there is nothing to wait for. `now` advances with the time that passes.
pub(crate) async fn choose_after_wait(
    source: Source,
    request: Request,
    now: WallMs,
    deadline: WallMs,
    mut chance: Rng,
) -> Choosing {
    let started = Instant::now();
    let mut quiet = Duration::ZERO;
    loop {
        // A random pause, so that waiting requests do not come back in one burst.
        tokio::time::sleep(quiet + Duration::from_millis(chance.u64(LOOKS_MS))).await;
        let now = now + started.elapsed();
        let (chosen, reserved) = choose(&source, request.clone(), now).await?;
        if !chosen.choice.is_waited_for(now, deadline) {
            return Ok((chosen, reserved));
        }
        // A rest seldom ends before its time.
        quiet = match chosen.choice {
            Choice::EndpointRests { until, .. } => (until.since(now) / 4).min(LONGEST_QUIET),
            _ => Duration::ZERO,
        };
    }
}

/// Books a refusal on the request instead of the accounts. False if another request met the same: then the accounts are
/// at fault.
pub(crate) async fn refuse(source: Source, refusal: Refusal, now: WallMs) -> bool {
    let (tell, told) = oneshot::channel();
    let refuse = move |pool: &mut Pool| pool.refuse(refusal.clone());
    change(&source, now, refuse, |is_booked| _ = tell.send(is_booked));
    told.await.unwrap_or(false)
}

/// How a reservation ends, and whose it is.
pub(crate) type NewReservation = (ReservationEnd, Option<AttemptCredential>);

/// The step itself, on this thread.
#[cfg(test)]
pub(crate) fn choose_now(
    pool: &dyn Backend,
    accounts: &dyn AccountStore,
    request: &Request,
    now: WallMs,
    ticket: Ticket,
) -> Result<(Chosen, Option<NewReservation>)> {
    let chosen = pool.with(now, |pool| choose_in(pool, accounts, request, now, ticket));
    chosen.unwrap_or(Err(Error::Internal("choose")))
}

fn choose_in(
    pool: &mut Pool,
    accounts: &dyn AccountStore,
    request: &Request,
    now: WallMs,
    ticket: Ticket,
) -> Result<(Chosen, Option<NewReservation>)> {
    let snapshot = accounts.snapshot(&request.provider, now)?;
    let accounts = snapshot.accounts();
    let (choice, end) = reserve(accounts, pool, request, now, ticket);
    // A run that may end without an answer tells how many profiles there are.
    let tells_all = matches!(choice, Choice::NoneLeft | Choice::Wait { .. });
    let is_told = |standing: &Standing| tells_all || standing.state != State::Ready;
    let standings = standings(accounts, pool, request, now).filter(is_told).collect();
    let credential = match &choice {
        Choice::Take { id, .. } => snapshot.credential(id),
        _ => None,
    };
    trace_step!("choose", provider = request.provider, model = request.model, choice = choice);
    Ok((Chosen { choice, standings }, end.map(|end| (end, credential))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::file::FileBackend;
    use crate::pool::queue;
    use crate::profiles::order::Kind;
    use crate::rotation::accounts::{Account, Accounts};

    #[test]
    fn the_end_of_a_request_that_took_hours_forgets_nothing_that_came_meanwhile() {
        const NOW: WallMs = WallMs::new(1_770_000_000_000.0);
        const HOURS: Duration = Duration::from_hours(2);
        let Some(made) = Instant::now().checked_sub(HOURS) else { return };
        let dir = tempfile::tempdir().unwrap();
        let pool: Arc<dyn Backend> =
            Arc::new(FileBackend::beside(vec![dir.path().join("auth-profiles.json")]));
        let later = NOW + HOURS;
        let account = |id: &str| Account {
            id: id.into(),
            kind: Kind::Oauth,
            stats: crate::profiles::stats::UsageStats::default(),
            unusable: None,
        };
        let accounts = Accounts { list: vec![Arc::new(account("a"))], is_explicit: false };
        let request = Request::default();
        let ask = |now| pool.with(now, |it| reserve(&accounts, it, &request, now, owner::ticket()));
        let end = ask(NOW).unwrap().1;
        let long = HeldReservation { pool: Arc::clone(&pool), end, now: NOW, made };
        ask(later);
        pool.change(later, &mut |pool| pool.sessions.note((7, "p"), "a", true, later));
        long.end(Outcome { is_answered: true, news: None });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(queue::idle());
        pool.change(later, &mut |pool| {
            assert_eq!(pool.in_flight("a"), 1);
            assert!(pool.sessions.get(7, "p", later).is_some());
        });
    }
}
