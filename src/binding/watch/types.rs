//! What a watch takes and tells.

use napi::bindgen_prelude::{Function, FunctionRef, Object, Unknown};
use napi_derive::napi;

use crate::binding::values::params::params;
use crate::binding::values::value::Nullable;

/// A function that takes one object.
pub(crate) type Callback = FunctionRef<Object<'static>, Unknown<'static>>;

/// What to watch, and whom to tell.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct WatchAuthProfilesParams<'env> {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    /// Called on this thread with each new state. What it throws is an uncaught exception, as in an event listener;
    /// the watch goes on if the process does.
    #[napi(ts_type = "(change: AuthProfilesChange) => void")]
    pub on_change: Callback,
    /// Called when the store cannot be read any more (deleted, not a store, no permission), once until that changes.
    /// Default: a process warning. When the store is back, `onChange` is called, even if nothing in it is new.
    #[napi(ts_type = "((error: Error & { code: string }) => void) | null")]
    pub on_error: Option<Callback>,
    /// Ends the watch.
    #[napi(ts_type = "AbortSignal | null")]
    pub signal: Option<Unknown<'env>>,
}
params!(WatchAuthProfilesParams<'env> { agent_dir, on_change, on_error, signal });

/// A new state of the store.
#[napi(object, object_from_js = false)]
pub struct AuthProfilesChange<'env> {
    /// The whole store, read just now, as `readAuthProfileStore` gives it: the credentials too.
    #[napi(ts_type = "AuthProfileStore")]
    pub store: Unknown<'env>,
    /// Profiles whose credential or usage was added, changed or removed since the last call; empty if only an order or
    /// `lastGood` did. `isProfileInCooldown(store, profileId)` says which of them rest.
    pub changed: Vec<String>,
}

/// A watch that stands.
#[napi(object, object_from_js = false)]
pub struct AuthProfilesWatch<'env> {
    /// The store when the watch began: every later change is told. `null` if there is none yet.
    #[napi(ts_type = "AuthProfileStore | null")]
    pub store: Nullable<Unknown<'env>>,
    /// Ends the watch: no call comes after it. A second call does nothing.
    #[napi(ts_type = "() => void")]
    pub close: Function<'env, (), ()>,
}
