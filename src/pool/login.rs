//! Renewing a login: one process at a time, in two phases.
//!
//! Protocol, for whoever wants a login renewed ([`begin`], then the methods of [`Lease`]):
//!
//! 1. read the login where it lives; if it is another one by now, that is the answer;
//! 2. take its lease in the pool, or wait for the one who has it: the file says when he is done, the pool when he is dead;
//! 3. claim it where it lives: a result could be saved, and nobody renews it by another protocol. Read it again;
//! 4. note in the pool that its token is about to be spent; only then is it ([`Begun::Mine`]);
//! 5. save what came of it, then note that, and end the lease.
//!
//! Invariants: nothing is spent without a pool that all who see the login share. The lease lasts until what came of it is
//! saved, however long that takes; it is renewed by the pool's own thread, as are those of requests.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::sync::{Notify, oneshot};

use super::backend::Backend;
use super::login_lease::{Lease, Renewed, Whose};
use super::owner;
use super::queue::Change;
use crate::background::{self, lock};
use crate::error::{Error, Result};
use crate::rotation::login::login_record::{LoginRecord, Take, Wanted};
use crate::rotation::login::login_store::Claim;
use crate::rotation::login::oauth_login::Login;
use crate::rotation::pool_document::{Pool, Ticket};
use crate::time::WallMs;
use crate::trace::trace_step;

/// A server's own time limit: so long may a renewal take before others no longer wait for it.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// And a moment for saving.
const GRACE: Duration = Duration::from_secs(1);
/// How long the place where a result goes may be locked by others: old hosts renew under that lock.
const LONGEST_CLAIM: Duration = LIMIT;
/// Between two looks at a lease whose holder may have died, in milliseconds.
const LOOKS_MS: std::ops::Range<u64> = 40..120;

/// Why it is to be renewed, and what else could be done.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// The access token in hand: what helps is another one.
    pub used: String,
    pub is_refused: bool,
    pub before: Duration,
    /// While somebody else renews it: use what is in hand, or ask another account, instead of waiting.
    pub waits: bool,
}

/// Where a renewal stands.
pub(crate) enum Begun {
    /// By somebody else: there is nothing left to do.
    Renewed(Renewed),
    /// It is ours to renew: its token counts as spent from now on.
    Mine(Box<Lease>),
    /// Process `pid` renews it.
    Busy { pid: u32 },
    /// The token server refused its token a moment ago.
    Refused,
    /// The token server failed a moment ago.
    Rests { until: WallMs },
    /// It was renewed a moment ago, and would not be better.
    Fresh,
    /// Other processes could not see that we renew it.
    Alone,
    /// There is no such login any more.
    Gone,
    /// Nothing was spent, because the result could not be saved.
    Unsaveable(Error),
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Renewed(_) => "Renewed",
            Self::Mine(_) => "Mine",
            Self::Busy { .. } => "Busy",
            Self::Refused => "Refused",
            Self::Rests { .. } => "Rests",
            Self::Fresh => "Fresh",
            Self::Alone => "Alone",
            Self::Gone => "Gone",
            Self::Unsaveable(_) => "Unsaveable",
        })
    }
}

/// Takes the lease, or waits for who has it. `now` advances with the time that passes.
pub(crate) async fn begin(whose: Whose, wish: Wish, now: WallMs, mut chance: Rng) -> Begun {
    let started = Instant::now();
    let mut bell: Option<Bell> = None;
    loop {
        let look = look(&whose, &wish, now + started.elapsed()).await;
        let pid = match look {
            Ok(Begun::Busy { pid }) if wish.waits && started.elapsed() < LIMIT + GRACE => pid,
            Ok(begun) => {
                trace_step!("login", profile = whose.profile, begun = begun);
                return begun;
            }
            Err(error) => return Begun::Unsaveable(error),
        };
        trace_step!("login", profile = whose.profile, waits_for = pid);
        // The next look comes after the bell is there, so no change is missed.
        match &bell {
            None => bell = Some(Bell::new(&whose).await),
            Some(bell) => {
                let rings = Arc::clone(&bell.rings);
                let longest = Duration::from_millis(chance.u64(LOOKS_MS));
                // A holder that dies rings no bell.
                let _ = tokio::time::timeout(longest, rings.notified()).await;
            }
        }
    }
}

/// Rings when the login may have been written.
struct Bell {
    rings: Arc<Notify>,
    _notices: Option<Box<dyn std::any::Any + Send>>,
}

impl Bell {
    async fn new(whose: &Whose) -> Self {
        let rings = Arc::new(Notify::new());
        let (logins, bell) = (Arc::clone(&whose.logins), Arc::clone(&rings));
        let notices = background::run("notices", move || logins.notices(bell)).await;
        Self { rings, _notices: notices.ok().flatten() }
    }
}

/// One try.
async fn look(whose: &Whose, wish: &Wish, now: WallMs) -> Result<Begun> {
    let (logins, profile) = (Arc::clone(&whose.logins), whose.profile.clone());
    let text = background::run("login", move || logins.read(&profile)).await??;
    let login = match standing(text, wish, whose, now).await {
        Ok(login) => login,
        Err(begun) => return Ok(begun),
    };
    let (token, ticket) = (login.key(&whose.profile), owner::ticket());
    let (take, is_alone) = take(whose, wish, &login, ticket, now).await?;
    match take {
        Take::Mine => {}
        Take::Held { by } => return Ok(Begun::Busy { pid: by.pid }),
        Take::Refused => return Ok(Begun::Refused),
        Take::Fresh => return Ok(Begun::Fresh),
        Take::Rests { until } => return Ok(Begun::Rests { until }),
    }
    let lease = Lease::new(whose, login, token, ticket, now);
    if is_alone && whose.logins.is_shared() {
        return Ok(Begun::Alone);
    }
    spend(lease, whose, wish, now).await
}

/// The login as it stands, if it is the one in hand.
async fn standing(
    text: Option<String>,
    wish: &Wish,
    whose: &Whose,
    now: WallMs,
) -> Result<Login, Begun> {
    let Some((text, login)) = text.and_then(|text| Login::parse(&text).map(|it| (text, it))) else {
        return Err(Begun::Gone);
    };
    let is_another = login.access != wish.used && !login.access.trim().is_empty();
    if !is_another {
        return Ok(login);
    }
    if !wish.is_refused && login.is_due(Duration::ZERO, now) {
        // Another one, but no better.
        return Ok(login);
    }
    let token = login.key(&whose.profile);
    let pid = changed(&whose.pool, now, move |pool: &mut Pool| {
        pool.logins.find(token).and_then(LoginRecord::renewed_by)
    });
    Err(Begun::Renewed(Renewed { text, pid: pid.await.flatten(), expires: login.expires }))
}

async fn take(
    whose: &Whose,
    wish: &Wish,
    login: &Login,
    ticket: Ticket,
    now: WallMs,
) -> Result<(Take, bool)> {
    let (profile, provider) = (whose.profile.clone(), whose.provider.clone());
    let (is_refused, before) = (wish.is_refused, wish.before);
    let (token, expires) = (login.key(&whose.profile), login.expires);
    let work = move |pool: &mut Pool| {
        let (profile, provider) = (profile.as_str(), provider.as_str());
        let wanted = Wanted { token, profile, provider, expires, is_refused, before, ticket };
        (pool.logins.take(&wanted, now), pool.is_alone)
    };
    changed(&whose.pool, now, work).await.ok_or(Error::Internal("the pool"))
}

/// Changes the pool. `None`: the work panicked.
async fn changed<T: Send + 'static>(
    pool: &Arc<dyn Backend>,
    now: WallMs,
    mut work: impl FnMut(&mut Pool) -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let answer = Arc::new(Mutex::new(None));
    let last = Arc::clone(&answer);
    let work = Box::new(move |pool: &mut Pool| *lock(&last) = Some(work(pool)));
    let done = Box::new(move || {
        let _ = tell.send(lock(&answer).take());
    });
    pool.submit(Change { now, work, done });
    told.await.ok().flatten()
}

/// Claims it, looks once more, and notes that its token is spent.
async fn spend(mut lease: Box<Lease>, whose: &Whose, wish: &Wish, now: WallMs) -> Result<Begun> {
    let claim = claim(whose).await?;
    let text = claim.text().map(str::to_owned);
    let login = match standing(text, wish, whose, now).await {
        Ok(login) => login,
        Err(begun) => return Ok(begun),
    };
    if login.key(&whose.profile) != lease.token {
        // A new login that is no better: the next look takes its lease.
        return Ok(Begun::Busy { pid: std::process::id() });
    }
    let (token, ticket, is_shared) = (lease.token, lease.ticket, whose.logins.is_shared());
    let noted = changed(&whose.pool, now, move |pool: &mut Pool| {
        pool.logins.spend(token, ticket, now) && !(pool.is_alone && is_shared)
    });
    if !noted.await.unwrap_or(false) {
        return Ok(Begun::Alone);
    }
    // What the API has refused is over, whatever its entry says: a new login need not last longer.
    let login = if wish.is_refused { login.over_at(now) } else { login };
    lease.spend(login, claim);
    Ok(Begun::Mine(lease))
}

/// On a thread of its own: it may wait for a lock.
async fn claim(whose: &Whose) -> Result<Box<dyn Claim>> {
    let (logins, profile) = (Arc::clone(&whose.logins), whose.profile.clone());
    let (answer, claimed) = oneshot::channel();
    background::detach("claim", move || {
        // If nobody waits any more, the claim is dropped here.
        let _ = answer.send(logins.claim(&profile, LONGEST_CLAIM));
    });
    // The kernel may make it wait for longer than it was told to.
    let claimed = tokio::time::timeout(LONGEST_CLAIM + GRACE, claimed).await;
    let (what, option) = ("the lock of the login's store", "30 seconds at most");
    let late = Error::TimedOut { what, after: LONGEST_CLAIM, option };
    claimed.map_or(Err(late), |claimed| claimed.unwrap_or(Err(Error::Internal("a claim"))))
}
