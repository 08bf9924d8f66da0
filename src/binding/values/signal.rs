//! Listening to a caller's `AbortSignal` without getting in anybody's way.
//!
//! napi's own `AbortSignal` overwrites `signal.onabort`, does not see a signal that is aborted already and stops
//! working after its first task. This adds one listener, which all share who listen, and takes it away again.

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, JsValue, Object, ObjectRef, Unknown};
use tokio_util::sync::CancellationToken;

use super::function::{linked, linked_function};
use super::value::as_object;
use crate::error::{Error, Result};

const SCRIPT: &str = concat!(include_str!("js/signal.js"), "//# sourceURL=auth-failover/signal.js");

/// A listener on a signal. Must be taken away on the JavaScript thread, with [`AbortListener::detach`].
#[derive(Default)]
pub(crate) struct AbortListener(Option<Attached>);

struct Attached {
    signal: ObjectRef<false>,
    listener: ObjectRef<false>,
}

impl AbortListener {
    /// Cancels `token` when the signal is aborted: at once if it is already. An absent signal never is.
    pub(crate) fn attach(
        env: &Env,
        signal: Option<Unknown<'_>>,
        field: &str,
        token: &CancellationToken,
    ) -> Result<Self> {
        let token = token.clone();
        Self::listen(env, signal, field, move || token.cancel())
    }

    /// Calls `on_abort` on this thread when the signal is aborted: at once if it is already.
    pub(crate) fn listen(
        env: &Env,
        signal: Option<Unknown<'_>>,
        field: &str,
        on_abort: impl Fn() + 'static,
    ) -> Result<Self> {
        let Some(signal) = signal else { return Ok(Self::default()) };
        let not_a_signal = || Error::invalid(field, "must be an AbortSignal");
        let signal = as_object(signal).ok_or_else(not_a_signal)?;
        match signal.get_named_property::<bool>("aborted") {
            Err(_) => Err(not_a_signal()),
            Ok(true) => {
                on_abort();
                Ok(Self::default())
            }
            Ok(false) => {
                let attached = listen(env, signal, on_abort).map_err(|_| not_a_signal())?;
                Ok(Self(Some(attached)))
            }
        }
    }

    /// Removes the listener. A second call does nothing.
    pub(crate) fn detach(&mut self, env: &Env) -> napi::Result<()> {
        let Some(Attached { signal, listener }) = self.0.take() else { return Ok(()) };
        let both = (signal.get_value(env)?, listener.get_value(env)?);
        function(env, "forget")?.call(FnArgs { data: both })?;
        signal.unref(env)?;
        listener.unref(env)
    }
}

type OfSignal<'env> = Function<'env, FnArgs<(Object<'env>, Object<'env>)>, Unknown<'env>>;

fn function<'env>(env: &'env Env, name: &'static str) -> napi::Result<OfSignal<'env>> {
    linked_function(env, name, |env| linked(env, "signals", link)?.get_named_property(name))
}

fn link(env: &Env) -> napi::Result<Object<'_>> {
    let link: Function<'_, (), Object<'_>> = env.run_script(SCRIPT)?;
    link.call(())
}

fn listen(env: &Env, signal: Object<'_>, on_abort: impl Fn() + 'static) -> napi::Result<Attached> {
    let listener = env.create_function_from_closure::<(), (), _>("onAbort", move |_| {
        on_abort();
        Ok(())
    })?;
    let listener = listener.to_unknown().coerce_to_object()?;
    function(env, "listen")?.call(FnArgs { data: (signal, listener) })?;
    Ok(Attached {
        signal: signal.create_ref::<false>()?,
        listener: listener.create_ref::<false>()?,
    })
}
