//! The lease of a login that is being renewed: the right to spend its token, and the duty to save what comes of it.
//!
//! Invariant: what came of it is saved before it is told, and told before the lease ends. A lease that is dropped without an
//! end leaves the note that its token may be spent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use super::backend::Backend;
use super::queue::Change;
use crate::background;
use crate::error::Error;
use crate::rotation::login::login_record::Ended;
use crate::rotation::login::login_store::{Claim, LoginStore, Saved};
use crate::rotation::login::oauth_login::{Login, Renewal};
use crate::rotation::pool_document::{Pool, Ticket};
use crate::time::WallMs;

/// Whose login, and where.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    pub pool: Arc<dyn Backend>,
    pub logins: Arc<dyn LoginStore>,
    /// Normalized.
    pub provider: String,
    pub profile: String,
}

/// A credential that is saved.
#[derive(Clone)]
pub(crate) struct Renewed {
    /// The entry.
    pub text: String,
    /// Which process renewed it; `None`: nobody knows, a host or a person.
    pub pid: Option<u32>,
    pub expires: Option<WallMs>,
}

impl std::fmt::Debug for Renewed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Renewed").field("pid", &self.pid).finish_non_exhaustive()
    }
}

/// How many renewals of this process are under way, and a bell for their ends.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static ENDED: LazyLock<Notify> = LazyLock::new(Notify::new);

/// Waits until what is being renewed in this process is saved.
pub(crate) async fn idle() {
    loop {
        let ended = ENDED.notified();
        if RUNNING.load(Ordering::Acquire) == 0 {
            return;
        }
        ended.await;
    }
}

/// The right to spend a login's token, and the duty to save what comes of it. Dropped without an end, the token counts as
/// spent with unknown result.
pub(crate) struct Lease {
    whose: Whose,
    began: Login,
    pub(super) token: u64,
    pub(super) ticket: Ticket,
    claim: Option<Box<dyn Claim>>,
    is_spent: bool,
    ended: Option<Ended>,
    /// When it was taken, by both clocks.
    now: WallMs,
    made: Instant,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Lease")
            .field("profile", &self.whose.profile)
            .finish_non_exhaustive()
    }
}

/// What a renewal came to.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Renewed(Renewed),
    Gone,
    /// It was renewed, and could not be saved: it is not used.
    Unsaved(Arc<Error>),
}

impl Lease {
    pub(super) fn new(
        whose: &Whose,
        began: Login,
        token: u64,
        ticket: Ticket,
        now: WallMs,
    ) -> Box<Self> {
        RUNNING.fetch_add(1, Ordering::AcqRel);
        let made = Instant::now();
        let whose = whose.clone();
        Box::new(Self {
            whose,
            began,
            token,
            ticket,
            claim: None,
            is_spent: false,
            ended: None,
            now,
            made,
        })
    }

    /// From here on the token counts as spent.
    pub(super) fn spend(&mut self, login: Login, claim: Box<dyn Claim>) {
        self.began = login;
        self.claim = Some(claim);
        self.is_spent = true;
    }

    /// The login whose token is spent.
    #[must_use]
    pub(crate) fn began(&self) -> &Login {
        &self.began
    }

    /// The entry to renew.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        self.claim.as_ref().and_then(|claim| claim.text()).unwrap_or_default()
    }

    /// Saves what it was renewed to. Its thread goes on whether or not anybody waits.
    pub(crate) async fn save(self: Box<Self>, renewal: Renewal) -> Outcome {
        let (answer, saved) = oneshot::channel();
        let started = background::detach("save", move || {
            let _ = answer.send(self.save_now(&renewal));
        });
        let lost = || Outcome::Unsaved(Arc::new(Error::Internal("saving a login")));
        if started { saved.await.unwrap_or_else(|_| lost()) } else { lost() }
    }

    fn save_now(mut self: Box<Self>, renewal: &Renewal) -> Outcome {
        let Some(claim) = self.claim.take() else {
            return Outcome::Unsaved(Arc::new(Error::Internal("a claim")));
        };
        let saved = claim.save(&self.began, renewal);
        let provider = self.whose.provider.clone();
        self.change(move |pool| pool.logins.server_answered(&provider));
        let (text, is_ours) = match saved {
            Ok(Saved::Ours(text)) => (text, true),
            Ok(Saved::Theirs(text)) => (text, false),
            Ok(Saved::Gone) => {
                self.ended = Some(Ended::Unspent);
                return Outcome::Gone;
            }
            Err(error) => return Outcome::Unsaved(Arc::new(error)),
        };
        let login = Login::parse(&text);
        let expires = login.as_ref().and_then(|login| login.expires);
        let pid = is_ours.then(std::process::id);
        self.ended = Some(match login {
            Some(login) if is_ours => {
                Ended::Renewed { token: login.key(&self.whose.profile), expires }
            }
            _ => Ended::Unspent,
        });
        Outcome::Renewed(Renewed { text, pid, expires })
    }

    /// The token server refused the token.
    pub(crate) fn refused(mut self: Box<Self>) {
        let provider = self.whose.provider.clone();
        self.change(move |pool| pool.logins.server_answered(&provider));
        self.ended = Some(Ended::Refused);
    }

    /// Nothing came of it, this time. `may_be_spent`: nobody answered, so the token may be gone. `stated`: how long the
    /// token server wants to be left alone.
    pub(crate) fn failed(mut self: Box<Self>, may_be_spent: bool, stated: Option<Duration>) {
        let provider = self.whose.provider.clone();
        let now = self.time();
        self.change(move |pool| pool.logins.server_failed(&provider, stated, now));
        self.ended = Some(if may_be_spent { Ended::Unknown } else { Ended::Unspent });
    }

    fn time(&self) -> WallMs {
        self.now + self.made.elapsed()
    }

    fn change(&self, mut work: impl FnMut(&mut Pool) + Send + 'static) {
        let work = Box::new(move |pool: &mut Pool| work(pool));
        self.whose.pool.submit(Change { now: self.time(), work, done: Box::new(|| {}) });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let unknown = if self.is_spent { Ended::Unknown } else { Ended::Unspent };
        let ended = self.ended.take().unwrap_or(unknown);
        let (token, ticket, now) = (self.token, self.ticket, self.time());
        // What others wait for first, and then the locks.
        self.change(move |pool| pool.logins.end(token, ticket, ended.clone(), now));
        drop(self.claim.take());
        RUNNING.fetch_sub(1, Ordering::AcqRel);
        ENDED.notify_waiters();
    }
}
