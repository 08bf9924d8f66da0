//! The caller's wish to end a run. It ends the run's wait a turn later: what has settled with it counts.

use std::cell::Cell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::Unknown;
use tokio_util::sync::CancellationToken;

use crate::binding::values::signal::AbortListener;
use crate::binding::waits::resume::Waker;
use crate::error::Result;

/// What a run hears of its caller.
#[derive(Default)]
pub(crate) struct Caller {
    /// For what waits on other threads.
    token: CancellationToken,
    waits_for: Cell<Option<Waker>>,
}

impl Caller {
    /// Listens to `signal`, if there is one.
    pub(crate) fn listen(
        env: &Env,
        signal: Option<Unknown<'_>>,
        field: &str,
    ) -> Result<(Rc<Self>, AbortListener)> {
        let caller = Rc::<Self>::default();
        let heard = Rc::clone(&caller);
        let listener = AbortListener::listen(env, signal, field, move || heard.abort())?;
        Ok((caller, listener))
    }

    fn abort(&self) {
        self.token.cancel();
        if let Some(wait) = self.waits_for.take() {
            wait.wake();
        }
    }

    pub(crate) fn has_aborted(&self) -> bool {
        self.token.is_cancelled()
    }

    /// An abort ends this wait. One that has ended is left.
    pub(crate) fn waits_for(&self, wait: Waker) {
        self.waits_for.set(Some(wait));
    }

    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}
