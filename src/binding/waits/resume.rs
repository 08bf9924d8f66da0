//! Waits for other threads or for a promise, and goes on with what came of that on the JavaScript thread.
//!
//! napi makes a thread-safe function for each future; it costs more than what a run does between two waits. Here all
//! waits of a thread share one, what has ended meanwhile goes on in one turn of the event loop, and what settles on this
//! thread goes on without another one.
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
type Then = Box<dyn FnOnce(&Env, Option<Ended>) -> napi::Result<napi_value>>;
/// Weak: it keeps the process alive only while somebody waits.
type Bell = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;
type Key = u32;

/// What has ended, on its way to the thread that waits for it.
#[derive(Default)]
struct Arrivals {
    /// `None`: nothing came.
    ended: Mutex<Vec<(Key, Option<Ended>)>>,
    bell: Mutex<Option<Bell>>,
}

/// The waits of one environment.
#[derive(Default)]
struct Desk {
    waiting: HashMap<Key, Then>,
    /// Also what a wait keeps from its beginning.
    arrived: HashMap<Key, Ended>,
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
    let begin = |arrival: Arrival<T>| {
        spawn(async move { arrival.come(future.await) });
    };
    wait_until(env, begin, move |env, ended| match ended {
        Some(ended) => then(env, ended),
        None => Err(to_js_error(env, &Error::Internal("a wait"))),
    })
}

/// Begins something that arrives from any thread, then runs `then` here. `None`: it was dropped, or the wait was ended by a
/// [`Waker`].
pub(crate) fn wait_until<T: Send + 'static>(
    env: &Env,
    begin: impl FnOnce(Arrival<T>),
    then: impl FnOnce(&Env, Option<T>) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> + 'static,
) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> {
    let (promise, waker) = wait(env, None, None, then)?;
    begin(Arrival { waker, came: None });
    Ok(promise)
}

/// Waits until `work`, an object of JavaScript's with `isSettled` and `wake`, has settled, or somebody wakes the wait.
/// `kept` is for `then`, and dropped if the thread ends.
pub(crate) fn wait_beside<'env, T: Send + 'static>(
    env: &'env Env,
    work: Object<'_>,
    kept: T,
    begin: impl FnOnce(Waker),
    then: impl FnOnce(&Env, Option<T>) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> + 'static,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let (promise, waker) = wait(env, Some(work), Some(Box::new(kept)), then)?;
    begin(waker);
    Ok(promise)
}

fn wait<'env, T: 'static>(
    env: &'env Env,
    work: Option<Object<'_>>,
    arrived: Option<Ended>,
    then: impl FnOnce(&Env, Option<T>) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> + 'static,
) -> napi::Result<(PromiseRaw<'env, Unknown<'env>>, Waker)> {
    let then = move |env: &Env, ended: Option<Ended>| {
        let ended = ended.and_then(|it| it.downcast().ok()).map(|it| *it);
        then(env, ended).map(|promise| promise.raw())
    };
    let wait = wait_function(env)?;
    let waker = with_desk(env, |desk| desk.add(env, Box::new(then), arrived))??;
    let promise = wait.call(FnArgs { data: (waker.key, work) })?;
    Ok((PromiseRaw::from_unknown(promise)?, waker))
}

/// Ends a wait from any thread, in a later turn of its own thread: what that is about to do comes first. One that has ended
/// is left.
#[derive(Clone)]
pub(crate) struct Waker {
    arrivals: Arc<Arrivals>,
    key: Key,
}

impl Waker {
    pub(crate) fn wake(&self) {
        self.arrive(None);
    }

    fn arrive(&self, came: Option<Ended>) {
        let bell = lock(&self.arrivals.bell);
        // Without it the thread has ended, and what comes is dropped.
        let Some(bell) = &*bell else { return };
        let is_first = {
            let mut ended = lock(&self.arrivals.ended);
            ended.push((self.key, came));
            ended.len() == 1
        };
        // One ring is enough for all that wait.
        if is_first {
            let _ = bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// What a wait waits for. Arrives when it is dropped, so also if what was to bring it panics.
pub(crate) struct Arrival<T: Send + 'static> {
    waker: Waker,
    came: Option<T>,
}

impl<T: Send + 'static> Arrival<T> {
    /// Ends the wait for it.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    pub(crate) fn come(mut self, came: T) {
        self.came = Some(came);
    }
}

impl<T: Send + 'static> Drop for Arrival<T> {
    fn drop(&mut self) {
        let came = self.came.take();
        self.waker.arrive(came.map(|came| Box::new(came) as Ended));
    }
}

impl Desk {
    fn add(&mut self, env: &Env, then: Then, arrived: Option<Ended>) -> napi::Result<Waker> {
        let key = self.next_key;
        self.next_key = key.wrapping_add(1);
        self.waiting.insert(key, then);
        if let Some(arrived) = arrived {
            self.arrived.insert(key, arrived);
        }
        if self.waiting.len() == 1 {
            self.keep_alive(env, true)?;
        }
        Ok(Waker { arrivals: Arc::clone(&self.arrivals), key })
    }

    /// What has arrived is ready to go on. The second part is what nobody waits for any more.
    fn take(&mut self) -> (Vec<Key>, Vec<Ended>) {
        let ended = std::mem::take(&mut *lock(&self.arrivals.ended));
        let mut late = Vec::new();
        let mut keys = Vec::with_capacity(ended.len());
        for (key, came) in ended {
            let is_awaited = self.waiting.contains_key(&key);
            match came {
                Some(came) if is_awaited => drop(self.arrived.insert(key, came)),
                Some(came) => late.push(came),
                None => {}
            }
            keys.extend(is_awaited.then_some(key));
        }
        (keys, late)
    }

    fn go_on(&mut self, env: &Env, key: Key) -> napi::Result<Option<(Then, Option<Ended>)>> {
        let ended = self.arrived.remove(&key);
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

type Wait<'env> = Function<'env, FnArgs<(Key, Option<Object<'env>>)>, Unknown<'env>>;

fn wait_function(env: &Env) -> napi::Result<Wait<'_>> {
    linked_function(env, "wait", link)
}

/// `wait` of the script, with a desk behind it.
fn link(env: &Env) -> napi::Result<Unknown<'_>> {
    let take = env.create_function_from_closure::<(), Vec<Key>, _>("take", |call| {
        // What is late is dropped after the desk is free again: it may hold anything.
        with_desk(call.env, Desk::take).map(|(keys, _late)| keys)
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
            // Who waits may still hold a way to be woken, and so what has arrived.
            let arrived = std::mem::take(&mut *lock(&desk.arrivals.ended));
            drop(arrived);
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
