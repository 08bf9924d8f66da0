//! `withAuthProfileLock`: a JavaScript function that runs while this process holds the store's lock.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use napi::bindgen_prelude::{
    CallbackContext, FromNapiValue, Function, FunctionRef, JsObjectValue, Object, ObjectRef,
    PromiseRaw, Unknown,
};
use napi::{Env, ValueType};
use napi_derive::napi;
use tokio::sync::oneshot;

use super::error::{js_error_object, to_js_error};
use super::host;
use super::options::{self, Options};
use super::value::{Fields, is_nullish, of_type};
use super::warning::warn_lost_lock;
use crate::error::{Error, Result};
use crate::store::commit;
use crate::store::paths::StorePaths;

/// Each step adopts the next: lock, then `run` and the release, then what `run` came to.
type LockPromise<'env> = PromiseRaw<'env, PromiseRaw<'env, PromiseRaw<'env, Unknown<'env>>>>;
type Run = FunctionRef<(), Unknown<'static>>;

/// Runs a function while this process holds the store's lock, the one that hosts see included, and resolves with what
/// it returns or rejects with what it throws, once the lock is free again. For work that no other process may do at the
/// same time, such as an OAuth refresh.
///
/// The lock's heartbeat runs in a native thread, so a busy event loop does not make the lock look abandoned. Marks and
/// edits of this process go through meanwhile, in `run` too: `upsertAuthProfile` is how to store a refreshed credential.
/// Do not nest two calls for one store: the inner one waits for the outer. Hosts with `pid-file` locks up to 2026.4.29
/// take a lock for stale after 30 seconds whatever its holder does.
///
/// `agentDir`: as in marks; `null` is the main agent's. `options`: `lockForm` and `lockTimeoutMs` count.
/// Rejects with `ERR_LOCK_TIMEOUT`, `ERR_STORE_MISSING`, `ERR_STORE_READ_ONLY`, `ERR_STORE_MIGRATED`, `ERR_STORE_IO` or
/// `ERR_INVALID_ARGUMENT`; `run` is not called then.
#[napi(
    catch_unwind,
    ts_generic_types = "T",
    ts_args_type = "agentDir: string | null | undefined, run: () => T | PromiseLike<T>, options?: AuthProfileOptions | null",
    ts_return_type = "Promise<T>"
)]
pub fn with_auth_profile_lock<'env>(
    env: &'env Env,
    agent_dir: Unknown<'env>,
    run: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<LockPromise<'env>> {
    let (paths, run, options) = match read_arguments(env, agent_dir, run, options) {
        Ok(read) => read,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
    };
    let store = paths.store.clone();
    let work = commit::hold(paths, options.lock_form, options.wait);
    env.spawn_future_with_callback(async move { Ok(work.await) }, move |env, held| {
        let hold = held.map_err(|error| to_js_error(env, &error))?;
        let (settled, is_settled) = oneshot::channel();
        let answer = start(env, &run, settled)?;
        let release = async move {
            // A promise that can no longer settle (its worker ends) releases too: the sender is dropped.
            let _ = is_settled.await;
            Ok(commit::release(hold).await)
        };
        env.spawn_future_with_callback(release, move |env, was_lost| {
            if was_lost {
                warn_lost_lock(env, &store);
            }
            answer.take(env)
        })
    })
}

fn read_arguments(
    env: &Env,
    agent_dir: Unknown<'_>,
    run: Unknown<'_>,
    options: Option<Unknown<'_>>,
) -> Result<(StorePaths, Run, Options)> {
    let agent_dir: Option<String> = if is_nullish(agent_dir) {
        None
    } else {
        let dir = of_type(agent_dir, ValueType::String);
        Some(dir.ok_or_else(|| Error::invalid("agentDir", "must be a string"))?)
    };
    let run: Function<'_, (), Unknown<'static>> = of_type(run, ValueType::Function)
        .ok_or_else(|| Error::invalid("run", "must be a function"))?;
    let run = run.create_ref().map_err(|_| Error::Internal("withAuthProfileLock"))?;
    let options = match Fields::optional(options, "options")? {
        Some(fields) => options::read(&fields)?,
        None => options::configured(),
    };
    Ok((host::store_paths(env, agent_dir.as_deref(), options.with_state)?, run, options))
}

/// What `run` came to, kept for the moment when the lock is free. Lives on the JavaScript thread only.
struct Answer {
    /// `{ value }`: a value of any type can be kept as a property only.
    slot: RefCell<Option<ObjectRef<false>>>,
    has_failed: Cell<bool>,
}

impl Answer {
    fn keep(&self, env: &Env, value: Unknown<'_>, has_failed: bool) -> napi::Result<()> {
        self.has_failed.set(has_failed);
        match self.slot.borrow().as_ref() {
            Some(slot) => slot.get_value(env)?.set("value", value),
            None => Ok(()),
        }
    }

    /// A promise of the value, or of the very thing that was thrown.
    fn take<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
        let slot = self.slot.take().ok_or_else(|| napi::Error::from_reason("taken twice"))?;
        let value: Unknown<'env> = slot.get_value(env)?.get_named_property("value")?;
        slot.unref(env)?;
        if self.has_failed.get() {
            PromiseRaw::reject(env, value)
        } else {
            PromiseRaw::resolve(env, value)
        }
    }
}

/// Calls `run` and follows its promise, if it returns one.
fn start(env: &Env, run: &Run, settled: oneshot::Sender<()>) -> napi::Result<Rc<Answer>> {
    let slot = Object::new(env)?.create_ref()?;
    let slot = RefCell::new(Some(slot));
    let answer = Rc::new(Answer { slot, has_failed: Cell::new(false) });
    let promise = promise_of(env, run)?;
    let settled = Rc::new(Cell::new(Some(settled)));
    let finish = |has_failed: bool| {
        let (answer, settled) = (Rc::clone(&answer), Rc::clone(&settled));
        move |context: CallbackContext<Unknown<'_>>| {
            answer.keep(&context.env, context.value, has_failed)?;
            if let Some(settled) = settled.take() {
                let _ = settled.send(());
            }
            Ok(())
        }
    };
    promise.then(finish(false))?.catch(finish(true))?;
    Ok(answer)
}

/// `Promise.resolve().then(run)`: JavaScript itself makes a promise of whatever happens, a value, a thenable or a throw
/// of anything. An error that passed through napi would not be the same object any more.
fn promise_of<'env>(env: &'env Env, run: &Run) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let started = PromiseRaw::resolve(env, ())?;
    let then: Function<'_, Function<'_, (), Unknown<'static>>, Unknown<'_>> =
        started.get_named_property("then")?;
    PromiseRaw::from_unknown(then.apply(started, run.borrow_back(env)?)?)
}
