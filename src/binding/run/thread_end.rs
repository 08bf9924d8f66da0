//! What JavaScript learns of bookings: a warning when one cannot be written, `settled()`, and the end of the process.
//!
//! Two hooks see the end of a thread: `exit` where Node announces it, and the cleanup hook, which also runs when a worker
//! is terminated. Neither a warning nor a booking keeps the process alive.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use napi::bindgen_prelude::{
    FnArgs, Function, JsObjectValue, JsValue, Object, PromiseRaw, Unknown,
};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, ValueType};
use napi_derive::napi;

use crate::background::lock;
use crate::binding::values::value::of_type;
use crate::binding::values::warning::warn_once;
use crate::error::Error;
use crate::pool::{login_lease, queue};
use crate::store::accounts::{Warn, writer};

/// How long the end of a process, or of a worker, waits for bookings.
const LONGEST_EXIT: Duration = Duration::from_secs(2);

/// Weak: it keeps no process alive.
type Bell = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// Of one JavaScript thread: the faults that it has not warned of yet, and how to call it.
struct Warnings {
    faults: Mutex<Vec<(PathBuf, Arc<Error>)>>,
    bell: Mutex<Option<Bell>>,
}

thread_local! {
    static WARNINGS: RefCell<Option<Arc<Warnings>>> = const { RefCell::new(None) };
    /// The thread's end was announced, and bookings were waited for.
    static HAS_LEFT: Cell<bool> = const { Cell::new(false) };
}

/// What warns this thread of a booking in `store` that could not be written. The first call also sees to the end of the
/// thread.
pub(crate) fn warn(env: &Env, store: &Path) -> Option<Warn> {
    let known = WARNINGS.with_borrow(Clone::clone);
    let warnings = known.or_else(|| watch_thread(env).ok())?;
    let store = store.to_path_buf();
    Some(Warn::new(move |error| warnings.add(store.clone(), Arc::clone(error))))
}

impl Warnings {
    fn add(&self, store: PathBuf, error: Arc<Error>) {
        lock(&self.faults).push((store, error));
        if let Some(bell) = &*lock(&self.bell) {
            let _ = bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    fn tell(&self, env: &Env) {
        let faults = std::mem::take(&mut *lock(&self.faults));
        for (store, error) in faults {
            warn_once(env, &store, &error);
        }
    }
}

fn watch_thread(env: &Env) -> napi::Result<Arc<Warnings>> {
    let warnings = Arc::new(Warnings { faults: Mutex::default(), bell: Mutex::default() });
    *lock(&warnings.bell) = Some(bell(env, &warnings)?);
    WARNINGS.set(Some(Arc::clone(&warnings)));
    // Node without `process.on` is not worth an error: the hook is left.
    let _ = on_exit(env);
    let at_end = |warnings: Arc<Warnings>| {
        WARNINGS.set(None);
        // A thread-safe function must not outlive its environment.
        drop(lock(&warnings.bell).take());
        leave();
    };
    env.add_env_cleanup_hook(Arc::clone(&warnings), at_end)?;
    Ok(warnings)
}

fn bell(env: &Env, warnings: &Arc<Warnings>) -> napi::Result<Bell> {
    // Weak, or the function and what it needs would keep each other.
    let warnings = Arc::downgrade(warnings);
    let ring = env.create_function_from_closure::<(), (), _>("bookings", move |call| {
        if let Some(warnings) = warnings.upgrade() {
            warnings.tell(call.env);
        }
        Ok(())
    })?;
    let ring =
        of_type::<Function<'_, (), Unknown<'static>>>(ring.to_unknown(), ValueType::Function)
            .ok_or_else(|| napi::Error::from_reason("bookings"))?;
    ring.build_threadsafe_function::<()>().weak::<true>().build()
}

fn on_exit(env: &Env) -> napi::Result<()> {
    let process: Object<'_> = env.get_global()?.get_named_property("process")?;
    let on: Function<'_, FnArgs<(&str, Unknown<'_>)>, Unknown<'_>> =
        process.get_named_property("on")?;
    let exit = env.create_function_from_closure::<(), (), _>("exit", |_| {
        leave();
        Ok(())
    })?;
    on.apply(process, FnArgs { data: ("exit", exit.to_unknown()) }).map(|_| ())
}

/// When a thread has waited in vain, and what was told then: that is enough for all threads that end.
static IN_VAIN: Mutex<Option<(Instant, HashSet<PathBuf>)>> = Mutex::new(None);

/// Writes what is left, or says what stays unwritten.
fn leave() {
    if HAS_LEFT.replace(true) {
        return;
    }
    // A worker that ended long ago says nothing of the lock now.
    let is_now = |(deadline, _): &(Instant, _)| deadline.elapsed() < LONGEST_EXIT;
    let mut in_vain = lock(&IN_VAIN).take().filter(is_now);
    let deadline = in_vain.as_ref().map_or_else(|| Instant::now() + LONGEST_EXIT, |it| it.0);
    let unwritten = writer::at_exit(deadline);
    queue::idle_by(deadline);
    if unwritten.is_empty() {
        return;
    }
    let (_, told) = in_vain.get_or_insert_with(|| (deadline, HashSet::new()));
    let news: Vec<_> =
        unwritten.into_iter().filter(|left| told.insert(left.store.clone())).collect();
    *lock(&IN_VAIN) = in_vain;
    for left in news {
        if matches!(left.fault.as_deref(), Some(Error::StoreMissing { .. })) {
            continue;
        }
        let why = left
            .fault
            .map_or_else(|| "another program keeps its lock".to_owned(), |fault| fault.to_string());
        let (count, store) = (left.count, left.store.display());
        let text = format!("auth-failover: results not written to {store} ({count}): {why}\n");
        // Node's own warnings need a turn of the event loop, and there is none any more.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Resolves when everything that `runWithAuthProfiles` has booked so far in this process is in its file.
///
/// An answer does not wait for its booking, so the file may be a moment behind: call this before you read the file
/// yourself, hand it over, or end the process by a signal. A normal end of the process (`process.exit()`, nothing left
/// to do, an uncaught error) writes what is left by itself, for 2 seconds at most, and says on standard error what it
/// could not write. What is not written yet holds in this process all the same.
///
/// A lock that another program holds is waited for. `unwritten` is how many bookings could not be written for another
/// reason, a full disk for example; they are tried again. 0 where all is well. Never rejects.
///
/// ```js
/// await runWithAuthProfiles({ provider, run })
/// await settled() // another program that reads auth-profiles.json now sees the result
/// ```
#[napi(catch_unwind, ts_return_type = "Promise<{ unwritten: number }>")]
pub fn settled(env: &Env) -> napi::Result<PromiseRaw<'_, Object<'_>>> {
    env.spawn_future_with_callback(
        async {
            // A login that is being renewed is saved by then.
            login_lease::idle().await;
            writer::settled().await;
            // What follows on a booking: the end of its reservation, and the profile that a session stays with.
            queue::idle().await;
            Ok(writer::unwritten().iter().map(|left| left.count).sum::<usize>())
        },
        |env, unwritten| {
            let mut settled = Object::new(env)?;
            settled.set("unwritten", unwritten as f64)?;
            Ok(settled)
        },
    )
}
