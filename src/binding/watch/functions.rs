//! `watchAuthProfiles`: news of the store for a JavaScript function.
//!
//! Protocol: a native task puts news into a mailbox and rings a weak thread-safe function; the function takes one item
//! for each wake. News that nobody has taken is replaced by newer news, so a busy event loop finds the last state.
//! The token ends everything: `close`, the signal and the end of the environment cancel it, and the task's last wake
//! takes the listener off the signal.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{
    FromNapiValue, Function, JsObjectValue, JsValue, JsValuesTupleIntoVec, ObjectRef, PromiseRaw,
    Unknown,
};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, ValueType};
use napi_derive::napi;
use tokio_util::sync::CancellationToken;

use super::types::{AuthProfilesChange, AuthProfilesWatch, Callback, WatchAuthProfilesParams};
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::params::Params;
use crate::binding::values::signal::AbortListener;
use crate::binding::values::value::{Fields, as_object, nullable, of_type};
use crate::binding::values::{host, options, warning};
use crate::error::{Error, Result};
use crate::store::file::paths::StorePaths;
use crate::store::watch::watcher::{self as watch, Change, News, Watch};

/// Weak: a watch alone keeps no process alive.
type Wake = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// Calls `onChange` within milliseconds when another process, or this one, has changed the store: a cooldown, a
/// credential, an order, a profile. The system's file notifications tell it, nothing polls, and locks and temporary
/// files wake nobody. Changes in quick succession come as one call with the last state.
///
/// Resolves when the watch stands, with the store at that moment: what changes later is told, so nothing falls between
/// reading and watching. A store, a directory or a link that does not exist yet, or is replaced, is followed. So are
/// the main agent's store, for a sub-agent, and `auth-state.json`. A store that is half written or gone for a moment is
/// never delivered. The watch does not keep the process alive, and ends with its thread.
///
/// Rejects with the signal's own reason, `ERR_INVALID_ARGUMENT`, `ERR_WATCH_LIMIT` (the system has no file watches
/// left: `fs.inotify.max_user_instances` and `max_user_watches` on Linux), or as `readAuthProfileStore` does; a missing
/// store is no error here. Network file systems do not notify of what other machines write.
///
/// ```js
/// const watch = await watchAuthProfiles({ agentDir, onChange: ({ store, changed }) => use(store, changed), signal })
/// use(watch.store)
/// ```
#[napi(
    catch_unwind,
    ts_args_type = "params: WatchAuthProfilesParams",
    ts_return_type = "Promise<AuthProfilesWatch>"
)]
pub fn watch_auth_profiles<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, PromiseRaw<'env, Unknown<'env>>>> {
    let (paths, listener) = match read(env, params) {
        Ok(read) => read,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
    };
    let token = listener.token.clone();
    let work = async move { Ok(token.run_until_cancelled_owned(watch::start(paths)).await) };
    env.spawn_future_with_callback(work, move |env, started| match started {
        Some(Ok((watch, store))) if !listener.token.is_cancelled() => {
            let handle = stand(env, listener, watch, store.as_deref())?;
            PromiseRaw::from_unknown(PromiseRaw::resolve(env, handle)?.to_unknown())
        }
        Some(Err(error)) if !listener.token.is_cancelled() => {
            listener.signal_link.release(env)?;
            Err(to_js_error(env, &error))
        }
        _ => {
            let reason = listener.signal_link.reason(env)?;
            listener.signal_link.release(env)?;
            // Not as an error of napi's: a reason may be any value.
            PromiseRaw::reject(env, reason)
        }
    })
}

/// Whom to tell, and until when.
struct Listener {
    on_change: Callback,
    on_error: Option<Callback>,
    token: CancellationToken,
    signal_link: Rc<SignalLink>,
}

/// What ties a watch to its signal.
struct SignalLink {
    listener: RefCell<AbortListener>,
    signal: RefCell<Option<ObjectRef<false>>>,
}

impl SignalLink {
    fn reason<'env>(&self, env: &'env Env) -> napi::Result<Unknown<'env>> {
        match &*self.signal.borrow() {
            Some(signal) => signal.get_value(env)?.get_named_property("reason"),
            None => Ok(js_error_object(env, &Error::Internal("watch"))?.to_unknown()),
        }
    }

    /// Lets go of the signal. A second call does nothing.
    fn release(&self, env: &Env) -> napi::Result<()> {
        self.listener.borrow_mut().detach(env)?;
        match self.signal.take() {
            Some(signal) => signal.unref(env),
            None => Ok(()),
        }
    }
}

fn read(env: &Env, params: Unknown<'_>) -> Result<(StorePaths, Listener)> {
    let fields = Fields::required(params, "params")?;
    let WatchAuthProfilesParams { agent_dir, on_change, on_error, signal } =
        WatchAuthProfilesParams::read(&fields)?;
    let paths = host::store_paths(env, agent_dir.as_deref(), options::configured().with_state)?;
    let token = CancellationToken::new();
    let listener = AbortListener::attach(env, signal, "params.signal", &token)?;
    let signal = signal.and_then(as_object).and_then(|signal| signal.create_ref::<false>().ok());
    let signal_link =
        Rc::new(SignalLink { listener: RefCell::new(listener), signal: RefCell::new(signal) });
    Ok((paths, Listener { on_change, on_error, token, signal_link }))
}

/// The handle, once the watch stands; the news comes from now on.
fn stand<'env>(
    env: &'env Env,
    listener: Listener,
    watch: Watch,
    store: Option<&str>,
) -> napi::Result<AuthProfilesWatch<'env>> {
    let store = nullable(store.map(|text| host::json_parse(env, text)).transpose()?);
    let (token, signal_link) = (listener.token.clone(), Rc::clone(&listener.signal_link));
    let close = env.create_function_from_closure::<(), (), _>("close", move |call| {
        token.cancel();
        signal_link.release(call.env)
    })?;
    let mailbox = Arc::new(Mailbox::default());
    let token = listener.token.clone();
    let wake = wake(env, listener, Arc::clone(&mailbox))?;
    napi::bindgen_prelude::spawn(async move {
        let tell = |news| {
            if mailbox.put(news) {
                // Refused only when the environment ends, and that cancels the token.
                let _ = wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            }
        };
        watch.run(token, tell).await;
        let _ = wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
    });
    Ok(AuthProfilesWatch { store, close })
}

fn wake(env: &Env, listener: Listener, mailbox: Arc<Mailbox>) -> napi::Result<Wake> {
    // Dropped with the function, at the latest when its environment ends.
    let end = listener.token.clone().drop_guard();
    let deliver = env.create_function_from_closure::<(), (), _>("onChange", move |call| {
        let _ = &end;
        if listener.token.is_cancelled() {
            return listener.signal_link.release(call.env);
        }
        mailbox.take().map_or(Ok(()), |news| listener.tell(call.env, news))
    })?;
    let deliver =
        of_type::<Function<'_, (), Unknown<'static>>>(deliver.to_unknown(), ValueType::Function)
            .ok_or_else(|| to_js_error(env, &Error::Internal("watchAuthProfiles")))?;
    deliver.build_threadsafe_function::<()>().weak::<true>().build()
}

impl Listener {
    fn tell(&self, env: &Env, news: News) -> napi::Result<()> {
        match news {
            News::Changed(change) => {
                let store = host::json_parse(env, &change.store)?;
                let changed = change.profile_ids.into_iter().collect();
                call(env, &self.on_change, AuthProfilesChange { store, changed })
            }
            News::Trouble(error) => {
                if let Some(on_error) = &self.on_error {
                    return call(env, on_error, js_error_object(env, &error)?);
                }
                let text = format!("auth profiles are watched but cannot be read: {error}");
                warning::emit(env, &text, error.code())
            }
        }
    }
}

fn call<T: JsValuesTupleIntoVec>(env: &Env, callback: &Callback, argument: T) -> napi::Result<()> {
    let function = callback.borrow_back(env)?;
    let function: Function<'_, T, Unknown<'_>> =
        of_type(function.to_unknown(), ValueType::Function)
            .ok_or_else(|| to_js_error(env, &Error::Internal("watchAuthProfiles")))?;
    function.call(argument).map(|_| ())
}

/// The latest news of each kind that the callback has not been given.
#[derive(Default)]
struct Mailbox(Mutex<(Option<Change>, Option<Error>)>);

impl Mailbox {
    /// Whether a wake-up is needed to have it read.
    fn put(&self, news: News) -> bool {
        let (change, trouble) = &mut *self.lock();
        match news {
            News::Changed(mut new) => {
                // The fault is over before it was reported; its wake-up finds nothing.
                *trouble = None;
                let earlier = change.take();
                let is_first = earlier.is_none();
                if let Some(earlier) = earlier {
                    new.absorb(earlier);
                }
                *change = Some(new);
                is_first
            }
            News::Trouble(error) => trouble.replace(error).is_none(),
        }
    }

    fn take(&self) -> Option<News> {
        let (change, trouble) = &mut *self.lock();
        change.take().map(News::Changed).or_else(|| trouble.take().map(News::Trouble))
    }

    fn lock(&self) -> MutexGuard<'_, (Option<Change>, Option<Error>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
