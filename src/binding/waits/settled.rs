//! Following a JavaScript promise without losing what it comes to: the very value, or the very thing that was thrown.
//! An error that passed through napi would not be the same object any more.
//!
//! Invariant: a followed promise is observed from the start, so a rejection that nobody asks for stays quiet.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{
    CallbackContext, FromNapiValue, Function, FunctionRef, JsObjectValue, Object, ObjectRef,
    PromiseRaw, Unknown,
};
use tokio::sync::oneshot;

/// How far a promise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Pending,
    Fulfilled,
    Rejected,
}

/// What a promise came to. Lives on the JavaScript thread only; to be given back with [`Settled::release`].
pub(crate) struct Settled {
    /// `{ value }`: a value of any type can be kept as a property only.
    slot: RefCell<Option<ObjectRef<false>>>,
    progress: Cell<Progress>,
    waiter: u64,
}

/// Ends when the promise settles; with an error when it can no longer settle because its worker ends.
pub(crate) type WhenSettled = oneshot::Receiver<()>;

// What waits on a thread that ends is never called and never dropped, so its senders stand with the thread itself.
thread_local! {
    static WAITERS: RefCell<HashMap<u64, oneshot::Sender<()>>> = RefCell::default();
    static NEXT_WAITER: Cell<u64> = const { Cell::new(0) };
}

fn register(env: &Env, tell: oneshot::Sender<()>) -> napi::Result<u64> {
    let key = NEXT_WAITER.get();
    NEXT_WAITER.set(key + 1);
    if key == 0 {
        env.add_env_cleanup_hook((), |()| WAITERS.with_borrow_mut(HashMap::clear))?;
    }
    WAITERS.with_borrow_mut(|waiters| waiters.insert(key, tell));
    Ok(key)
}

fn unregister(key: u64) -> Option<oneshot::Sender<()>> {
    WAITERS.with_borrow_mut(|waiters| waiters.remove(&key))
}

impl Settled {
    pub(crate) fn follow(
        env: &Env,
        promise: PromiseRaw<'_, Unknown<'_>>,
    ) -> napi::Result<(Rc<Self>, WhenSettled)> {
        let (tell, when_settled) = oneshot::channel();
        let settled = Rc::new(Self {
            slot: RefCell::new(Some(Object::new(env)?.create_ref()?)),
            progress: Cell::new(Progress::Pending),
            waiter: register(env, tell)?,
        });
        let keep = |progress: Progress| {
            let settled = Rc::clone(&settled);
            move |it: CallbackContext<Unknown<'_>>| settled.keep(&it.env, it.value, progress)
        };
        promise.then(keep(Progress::Fulfilled))?.catch(keep(Progress::Rejected))?;
        Ok((settled, when_settled))
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// What it came to; `undefined` while it is pending.
    pub(crate) fn value<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        match self.slot.borrow().as_ref() {
            Some(slot) => slot.get_value(env)?.get_named_property("value"),
            None => Err(napi::Error::from_reason("already released")),
        }
    }

    /// Lets the value go. What a promise comes to after that is not kept.
    pub(crate) fn release(&self, env: &Env) -> napi::Result<()> {
        drop(unregister(self.waiter));
        self.slot.take().map_or(Ok(()), |slot| slot.unref(env))
    }

    fn keep(&self, env: &Env, value: Unknown<'_>, progress: Progress) -> napi::Result<()> {
        if let Some(slot) = self.slot.borrow().as_ref() {
            self.progress.set(progress);
            slot.get_value(env)?.set("value", value)?;
        }
        if let Some(tell) = unregister(self.waiter) {
            let _ = tell.send(());
        }
        Ok(())
    }
}

/// `Promise.resolve().then(run)`: JavaScript itself makes a promise of whatever happens, a value, a thenable or a throw
/// of anything.
pub(crate) fn promise_of<'env>(
    env: &'env Env,
    run: &FunctionRef<(), Unknown<'static>>,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let started = PromiseRaw::resolve(env, ())?;
    let then: Function<'_, Function<'_, (), Unknown<'static>>, Unknown<'_>> =
        started.get_named_property("then")?;
    PromiseRaw::from_unknown(then.apply(started, run.borrow_back(env)?)?)
}
