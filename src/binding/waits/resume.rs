//! Waits on other threads, and goes on with what came of them on the JavaScript thread.
//!
//! napi makes a thread-safe function for each future; it costs more than what a run does between two waits. Here all
//! waits of a thread share one, and what has ended meanwhile goes on in one turn of the event loop.
//!
//! Invariants: a wait keeps the process alive, and its continuation runs in the caller's asynchronous context, because a
//! promise of JavaScript's calls it. A continuation on a thread that ends is never called and never dropped, since it holds
//! values of JavaScript's; what has arrived for it is, since that may hold a reservation.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use napi::bindgen_prelude::{
    FnArgs, FromNapiValue, Function, FunctionCallContext, JsObjectValue, JsValue, Object,
    PromiseRaw, Unknown, spawn,
};
use napi::sys::napi_value;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};

use crate::background::lock;
use crate::binding::values::function::linked_function;
use crate::binding::values::js_error::to_js_error;
use crate::error::Error;

const SCRIPT: &str = concat!(include_str!("js/resume.js"), "//# sourceURL=auth-failover/resume.js");

type Ended = Box<dyn Any + Send>;
/// `None`: the future has panicked.
type Then = Box<dyn FnOnce(&Env, Option<Ended>) -> napi::Result<napi_value>>;
/// Weak: it keeps the process alive only while somebody waits.
type Bell = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;
type Key = u32;

/// What has ended, on its way to the thread that waits for it.
#[derive(Default)]
struct Arrivals {
    ended: Mutex<Vec<(Key, Option<Ended>)>>,
    bell: Mutex<Option<Bell>>,
}

/// The waits of one environment.
#[derive(Default)]
struct Desk {
    waiting: HashMap<Key, Then>,
    arrived: HashMap<Key, Option<Ended>>,
    arrivals: Arc<Arrivals>,
    next_key: Key,
}

thread_local! {
    /// By environment: a thread has several if the package is loaded several times.
    static DESKS: RefCell<HashMap<usize, Desk>> = RefCell::default();
}

/// Runs `future` on another thread, then `then` here; the promise is what `then` gives.
pub(crate) fn wait_for<T: Send + 'static>(
    env: &Env,
    future: impl Future<Output = T> + Send + 'static,
    then: impl FnOnce(&Env, T) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> + 'static,
) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> {
    let then = move |env: &Env, ended: Option<Ended>| match ended.and_then(|it| it.downcast().ok())
    {
        Some(ended) => then(env, *ended).map(|promise| promise.raw()),
        None => Err(to_js_error(env, &Error::Internal("a wait"))),
    };
    let wait: Function<'_, Key, Unknown<'_>> = linked_function(env, "wait", link)?;
    let (key, arrivals) = with_desk(env, |desk| desk.add(env, Box::new(then)))??;
    let promise = wait.call(key)?;
    let arrival = Arrival { arrivals, key, ended: None };
    spawn(async move {
        let mut arrival = arrival;
        arrival.ended = Some(Box::new(future.await));
    });
    PromiseRaw::from_unknown(promise)
}

/// Arrives when it is dropped, so also if its future panics.
struct Arrival {
    arrivals: Arc<Arrivals>,
    key: Key,
    ended: Option<Ended>,
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let is_first = {
            let mut ended = lock(&self.arrivals.ended);
            ended.push((self.key, self.ended.take()));
            ended.len() == 1
        };
        // One ring is enough for all that wait.
        if let (true, Some(bell)) = (is_first, &*lock(&self.arrivals.bell)) {
            let _ = bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl Desk {
    fn add(&mut self, env: &Env, then: Then) -> napi::Result<(Key, Arc<Arrivals>)> {
        let key = self.next_key;
        self.next_key = key.wrapping_add(1);
        self.waiting.insert(key, then);
        if self.waiting.len() == 1 {
            self.keep_alive(env, true)?;
        }
        Ok((key, Arc::clone(&self.arrivals)))
    }

    /// What has arrived is ready to go on.
    fn take(&mut self) -> Vec<Key> {
        let ended = std::mem::take(&mut *lock(&self.arrivals.ended));
        let keys = ended.iter().map(|(key, _)| *key).collect();
        self.arrived.extend(ended);
        keys
    }

    fn go_on(&mut self, env: &Env, key: Key) -> napi::Result<Option<(Then, Option<Ended>)>> {
        let ended = self.arrived.remove(&key).flatten();
        let Some(then) = self.waiting.remove(&key) else { return Ok(None) };
        if self.waiting.is_empty() {
            self.keep_alive(env, false)?;
        }
        Ok(Some((then, ended)))
    }

    #[expect(deprecated, reason = "what takes their place cannot be undone")]
    fn keep_alive(&self, env: &Env, is_awaited: bool) -> napi::Result<()> {
        match lock(&self.arrivals.bell).as_mut() {
            Some(bell) if is_awaited => bell.refer(env),
            Some(bell) => bell.unref(env),
            None => Ok(()),
        }
    }
}

fn with_desk<T>(env: &Env, act: impl FnOnce(&mut Desk) -> T) -> napi::Result<T> {
    DESKS
        .with_borrow_mut(|desks| desks.get_mut(&id_of(env)).map(act))
        .ok_or_else(|| napi::Error::from_reason("this thread has ended"))
}

fn id_of(env: &Env) -> usize {
    env.raw() as usize
}

/// `wait` of the script, with a desk behind it.
fn link(env: &Env) -> napi::Result<Unknown<'_>> {
    let take = env.create_function_from_closure::<(), Vec<Key>, _>("take", |call| {
        with_desk(call.env, Desk::take)
    })?;
    let go_on = env
        .create_function_from_closure::<Key, Option<napi_value>, _>("goOn", |call| go_on(&call))?;
    let link: Function<'_, FnArgs<(Unknown<'_>, Unknown<'_>)>, Object<'_>> =
        env.run_script(SCRIPT)?;
    let script = link.call(FnArgs { data: (take.to_unknown(), go_on.to_unknown()) })?;
    let ring: Function<'_, (), Unknown<'static>> = script.get_named_property("ring")?;
    let desk = Desk::default();
    let bell = ring.build_threadsafe_function::<()>().weak::<true>().build()?;
    *lock(&desk.arrivals.bell) = Some(bell);
    DESKS.with_borrow_mut(|desks| desks.insert(id_of(env), desk));
    env.add_env_cleanup_hook(id_of(env), |id| {
        if let Some(desk) = DESKS.with_borrow_mut(|desks| desks.remove(&id)) {
            // A thread-safe function must not outlive its environment.
            drop(lock(&desk.arrivals.bell).take());
            std::mem::forget(desk.waiting);
        }
    })?;
    script.get_named_property("wait")
}

fn go_on(call: &FunctionCallContext<'_>) -> napi::Result<Option<napi_value>> {
    let key = call.get::<Key>(0)?;
    let Some((then, ended)) = with_desk(call.env, |desk| desk.go_on(call.env, key))?? else {
        return Ok(None);
    };
    then(call.env, ended).map(Some)
}
