//! A login that is renewed: the caller's `refresh`, on the thread of the run that needs it.
//!
//! Protocol: [`join`] begins a renewal, or joins the one that is under way on this thread; what it comes to is told to all
//! who joined. Between two steps on the JavaScript thread the lease travels with the wait.
//!
//! Invariants: a renewal is nobody's: it goes on when the run that began it has ended, and is saved. It keeps the process
//! alive until then. When the thread ends, its lease ends too, and the token counts as spent.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{
    FnArgs, Function, JsObjectValue, JsValue, Object, ObjectRef, PromiseRaw, Unknown,
};
use tokio::sync::oneshot;

use super::thrown;
use crate::binding::run::types::Callback;
use crate::binding::values::function::linked;
use crate::binding::values::host;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::as_object;
use crate::binding::waits::resume::wait_for;
use crate::binding::waits::settled::{Progress, Settled, WhenSettled};
use crate::error::Error;
use crate::failure::{Class, Failure, Rule, Scope};
use crate::pool::login::{self, Begun, LIMIT, Wish};
use crate::pool::login_lease::{Lease, Outcome, Renewed, Whose};
use crate::rotation::login::oauth_login::Renewal;
use crate::time::WallMs;

const SCRIPT: &str =
    concat!(include_str!("js/refresh.js"), "//# sourceURL=auth-failover/refresh.js");

/// What a renewal came to, for each who waits for it.
#[derive(Debug, Clone)]
pub(crate) enum Came {
    /// Saved, by us or by somebody else.
    Renewed(Renewed),
    /// The login is over.
    Refused(Failure),
    /// Not this time.
    Failed(Failure),
    /// Process `pid` is at it.
    Busy {
        pid: u32,
    },
    Rests {
        until: WallMs,
    },
    /// It was renewed a moment ago, and would not be better.
    Fresh,
    Gone,
    /// Nothing was spent, or nothing is used, because it cannot be saved.
    Unsaveable(Arc<Error>),
}

/// One that has not ended by then never will, and must not keep the process alive for ever.
const LONGEST_LATE: Duration = Duration::from_mins(10);

/// Two processes could spend one token.
const ALONE: &str = "other processes could not see that its login is refreshed: the pool beside its store cannot be \
                     locked";

type Key = (String, String);

thread_local! {
    /// Who waits for what is under way.
    static UNDER_WAY: RefCell<HashMap<Key, Vec<oneshot::Sender<Came>>>> = RefCell::default();
}

fn key_of(whose: &Whose) -> Key {
    (whose.logins.place(), whose.profile.clone())
}

/// Whether this thread renews it.
pub(crate) fn is_under_way(whose: &Whose) -> bool {
    UNDER_WAY.with_borrow(|all| all.contains_key(&key_of(whose)))
}

/// What becomes of it; begins it if nobody has.
pub(crate) fn join(
    env: &Env,
    whose: Whose,
    wish: Wish,
    refresh: &Rc<Callback>,
) -> napi::Result<oneshot::Receiver<Came>> {
    let (tell, told) = oneshot::channel();
    let key = key_of(&whose);
    let is_first = UNDER_WAY.with_borrow_mut(|all| {
        let waiting = all.entry(key.clone()).or_default();
        waiting.push(tell);
        waiting.len() == 1
    });
    if is_first {
        let job = Job { key, refresh: Rc::clone(refresh), is_refused: wish.is_refused };
        let now = host::now(env)?;
        let begun = login::begin(whose, wish, now, fastrand::Rng::new());
        wait_for(env, begun, move |env, begun| {
            let key = job.key.clone();
            never_rejects(env, &key, |env| job.begun(env, begun))
        })?;
    }
    Ok(told)
}

fn tell(key: &Key, came: &Came) {
    let waiting = UNDER_WAY.with_borrow_mut(|all| all.remove(key)).unwrap_or_default();
    for tell in waiting {
        // Whoever has aborted is gone.
        let _ = tell.send(came.clone());
    }
}

/// Nobody observes the promises of a renewal: a fault is told to those who wait.
fn never_rejects<'env>(
    env: &'env Env,
    key: &Key,
    step: impl FnOnce(&'env Env) -> napi::Result<()>,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    if step(env).is_err() {
        tell(key, &Came::Unsaveable(Arc::new(Error::Internal("a renewal"))));
    }
    PromiseRaw::resolve(env, Object::new(env)?.to_unknown())
}

/// A renewal on its way.
struct Job {
    key: Key,
    refresh: Rc<Callback>,
    is_refused: bool,
}

/// The caller's function at work.
struct Working {
    job: Job,
    settled: Rc<Settled>,
    controller: ObjectRef<false>,
    is_late: bool,
}

enum End {
    Settled,
    Late,
    /// The thread ends.
    Lost,
}

impl Job {
    fn begun(self, env: &Env, begun: Begun) -> napi::Result<()> {
        let came = match begun {
            Begun::Mine(lease) => return self.spend(env, lease),
            Begun::Renewed(renewed) => Came::Renewed(renewed),
            Begun::Busy { pid } => Came::Busy { pid },
            Begun::Rests { until } => Came::Rests { until },
            Begun::Fresh => Came::Fresh,
            Begun::Refused => Came::Refused(refused()),
            Begun::Gone => Came::Gone,
            Begun::Alone => Came::Failed(failure(ALONE.to_owned())),
            Begun::Unsaveable(error) => Came::Unsaveable(Arc::new(error)),
        };
        tell(&self.key, &came);
        Ok(())
    }

    /// Calls the caller's function. From here on the token counts as spent.
    fn spend(self, env: &Env, lease: Box<Lease>) -> napi::Result<()> {
        type Arguments<'a, 'env> =
            FnArgs<(Function<'env, (), Unknown<'static>>, &'a str, &'a str, &'static str)>;
        let script = linked(env, "refreshes", |env| {
            let link: Function<'_, (), Object<'_>> = env.run_script(SCRIPT)?;
            link.call(())
        })?;
        let call: Function<'_, Arguments<'_, '_>, Object<'_>> =
            script.get_named_property("begin")?;
        let reason = if self.is_refused { "refused" } else { "expiring" };
        let refresh = self.refresh.borrow_back(env)?;
        let begun =
            call.call(FnArgs { data: (refresh, lease.text(), self.key.1.as_str(), reason) })?;
        let (settled, when_settled) = Settled::follow(env, begun.get_named_property("promise")?)?;
        let controller: Object<'_> = begun.get_named_property("controller")?;
        let controller = controller.create_ref()?;
        let working = Working { job: self, settled, controller, is_late: false };
        working.follow(env, lease, when_settled)
    }
}

impl Working {
    fn follow(self, env: &Env, lease: Box<Lease>, mut when: WhenSettled) -> napi::Result<()> {
        let limit = if self.is_late { LONGEST_LATE } else { LIMIT };
        let wait = async move {
            let end = tokio::select! {
                biased;
                settled = &mut when => if settled.is_ok() { End::Settled } else { End::Lost },
                () = tokio::time::sleep(limit) => End::Late,
            };
            (end, lease, when)
        };
        wait_for(env, wait, move |env, (end, lease, when)| {
            let key = self.job.key.clone();
            never_rejects(env, &key, |env| match end {
                End::Settled => self.ended(env, lease),
                End::Late => self.late(env, lease, when),
                End::Lost => Ok(()),
            })
        })
        .map(|_| ())
    }

    /// It is not given up: what comes of it later is saved all the same. Nobody waits for it any more.
    fn late(mut self, env: &Env, lease: Box<Lease>, when: WhenSettled) -> napi::Result<()> {
        if self.is_late {
            self.controller.unref(env)?;
            return self.settled.release(env);
        }
        let text = format!("refresh has not ended within {} s", LIMIT.as_secs());
        tell(&self.job.key, &Came::Failed(failure(text)));
        let error = Error::TimedOut { what: "refresh", after: LIMIT, option: "30 seconds" };
        let reason = js_error_object(env, &error)?.to_unknown();
        let controller = self.controller.get_value(env)?;
        let abort: Function<'_, Unknown<'_>, Unknown<'_>> =
            controller.get_named_property("abort")?;
        self.is_late = true;
        // A listener of the caller's may throw.
        let _ = abort.apply(controller, reason);
        self.follow(env, lease, when)
    }

    fn ended(self, env: &Env, lease: Box<Lease>) -> napi::Result<()> {
        let Self { job, settled, controller, is_late } = self;
        controller.unref(env)?;
        let value = settled.value(env)?;
        let came = if settled.progress() == Progress::Fulfilled {
            match given(env, value, &lease) {
                Ok(renewal) => {
                    settled.release(env)?;
                    return job.save(env, lease, renewal, is_late);
                }
                Err(problem) => {
                    lease.failed(true, None);
                    Came::Failed(failure(format!("refresh {problem}")))
                }
            }
        } else {
            let provider = lease.began().provider.clone();
            let failure = thrown::failure(env, value, &provider, lease.began())?;
            if failure.rule == Rule::RefreshRefused {
                lease.refused();
                Came::Refused(failure)
            } else {
                let stated = failure.retry_after_ms.map(Duration::from_millis);
                lease.failed(failure.status.is_none(), stated);
                Came::Failed(failure)
            }
        };
        settled.release(env)?;
        job.tell(is_late, &came);
        Ok(())
    }
}

impl Job {
    fn save(
        self,
        env: &Env,
        lease: Box<Lease>,
        renewal: Renewal,
        is_late: bool,
    ) -> napi::Result<()> {
        wait_for(env, lease.save(renewal), move |env, outcome| {
            let came = match outcome {
                Outcome::Renewed(renewed) => Came::Renewed(renewed),
                Outcome::Gone => Came::Gone,
                Outcome::Unsaved(error) => Came::Unsaveable(error),
            };
            let key = self.key.clone();
            never_rejects(env, &key, |_| {
                self.tell(is_late, &came);
                Ok(())
            })
        })
        .map(|_| ())
    }

    /// Whoever waits for a late one now has begun another.
    fn tell(&self, is_late: bool, came: &Came) {
        if !is_late {
            tell(&self.key, came);
        }
    }
}

fn given(env: &Env, value: Unknown<'_>, lease: &Lease) -> Result<Renewal, &'static str> {
    let object = as_object(value).ok_or("gave no credential")?;
    let text = host::json_stringify(env, &object).map_err(|_| "gave what is not plain JSON")?;
    let now = host::now(env).map_err(|_| "met a fault")?;
    Renewal::read(&text, lease.began(), now)
}

/// Of one whose token was refused when somebody else sent it.
fn refused() -> Failure {
    let text = "the token server has refused its refresh token a moment ago".to_owned();
    let (class, scope) = (Class::AuthPermanent, Scope::Account);
    Failure::without_response(Rule::RefreshRefused, class, scope, true, text)
}

/// Of a renewal of which no server has said anything.
pub(crate) fn failure(text: String) -> Failure {
    Failure::without_response(Rule::RefreshFailed, Class::Unknown, Scope::Endpoint, true, text)
}
