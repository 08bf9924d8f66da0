//! `settleAttempt`: a prompt, the wait after it, the caller's signal and a timer, told as one answer.
//!
//! Protocol: wait for the prompt; then start the wait and wait for that; then answer. Either wait ends early on the
//! signal or the timer. Which of two things that happened together counts is decided on the JavaScript thread, by what
//! has settled by then.

use std::rc::Rc;
use std::time::{Duration, Instant};

use napi::bindgen_prelude::{
    Either, FromNapiValue, Function, FunctionRef, JsObjectValue, JsValue, Object, ObjectRef,
    PromiseRaw, Unknown,
};
use napi::{Env, ValueType};
use napi_derive::napi;
use tokio_util::sync::CancellationToken;

use crate::binding::failure::thrown;
use crate::binding::values::checked::Timeout;
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::params::{Params, params};
use crate::binding::values::signal::AbortListener;
use crate::binding::values::value::{Fields, Nullable, as_object, nullable, of_type};
use crate::binding::waits::settled::{Progress, Settled, WhenSettled, promise_of};
use crate::error::{Error, Result};
use crate::rotation::prompt::{Answer, Cause, ErrorOf, Prompt, Wait, settle};

/// What bounds an attempt.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct SettleAttemptParams<'env> {
    /// Ends the attempt early; the caller's own reason is then the error.
    #[napi(ts_type = "AbortSignal | null")]
    pub signal: Option<Unknown<'env>>,
    /// Longest time for prompt and wait together, in milliseconds. Default: no limit.
    #[napi(ts_type = "number | null")]
    pub timeout_ms: Option<Timeout>,
}
params!(SettleAttemptParams<'env> { signal, timeout_ms });

/// What an attempt came to.
#[napi(object, object_from_js = false)]
pub struct SettledAttempt<'env> {
    /// Prompt and wait went through and were not cut short.
    pub ok: bool,
    /// What the prompt resolved with; `undefined` if it did not.
    #[napi(ts_type = "unknown")]
    pub value: Either<Unknown<'env>, ()>,
    /// The prompt's own error; else the wait's, if that was aborted; else the signal's reason or a `TimeoutError`, if
    /// the attempt was cut short; else `null`.
    #[napi(ts_type = "unknown")]
    pub prompt_error: Nullable<Unknown<'env>>,
    /// The signal was aborted or the time was over before the end, as in the host.
    pub aborted: bool,
    /// `timeoutMs` was over. A signal that times out is the caller's: a spent budget is no reason to try another account.
    pub timed_out: bool,
    #[napi(ts_type = "'none' | 'caller' | 'timeout'")]
    pub caused_by: &'static str,
}

/// Runs a prompt, then always the wait for a compaction's retry, and tells what they came to: an abort or a timeout in
/// either is an answer and never escapes the caller's rotation.
///
/// `prompt` and `waitForCompactionRetry` are promises, or functions that return one; the wait's function is called when
/// the prompt has settled or was cut short. Both are always observed, so what they do after the answer stays quiet.
/// With a signal that is aborted already, functions are not called.
///
/// Rejects only with an error of the wait that is not an abort (the host's test: named `AbortError`, or with "aborted"
/// in its message), which is passed on as it is, or with `ERR_INVALID_ARGUMENT`.
///
/// ```js
/// const { value, promptError, aborted, timedOut } = await settleAttempt({
///   prompt: () => session.prompt(text), waitForCompactionRetry, signal, timeoutMs,
/// })
/// ```
#[napi(
    catch_unwind,
    ts_generic_types = "T",
    ts_args_type = "params: { prompt: PromiseLike<T> | (() => T | PromiseLike<T>), waitForCompactionRetry?: PromiseLike<unknown> | (() => unknown) | null } & SettleAttemptParams",
    ts_return_type = "Promise<SettledAttempt & { value: T | undefined }>"
)]
pub fn settle_attempt<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    match read(env, params) {
        Ok((prompt, wait, attempt)) => start(env, attempt, prompt, wait),
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?.to_unknown()),
    }
}

/// A promise that is followed, or a function that will give one.
enum Source {
    Running(Rc<Settled>, WhenSettled),
    Function(FunctionRef<(), Unknown<'static>>),
}

impl Source {
    fn read(env: &Env, fields: &Fields<'_>, field: &str) -> Result<Option<Self>> {
        let Some(value) = fields.get(field) else { return Ok(None) };
        let fault = |_| Error::Internal("settleAttempt");
        if let Some(run) = of_type::<Function<'_, (), Unknown<'static>>>(value, ValueType::Function)
        {
            return Ok(Some(Self::Function(run.create_ref().map_err(fault)?)));
        }
        let is_thenable = |object: Object<'_>| {
            let then = object.get_named_property::<Unknown<'_>>("then");
            then.and_then(|then| then.get_type()).is_ok_and(|kind| kind == ValueType::Function)
        };
        if !as_object(value).is_some_and(is_thenable) {
            return Err(fields.invalid(field, "must be a promise or a function that returns one"));
        }
        let promise = PromiseRaw::resolve(env, value).map_err(fault)?;
        let (settled, when_settled) = Settled::follow(env, promise).map_err(fault)?;
        Ok(Some(Self::Running(settled, when_settled)))
    }

    /// What must be released if it is not used: a reference is not freed by being dropped.
    fn followed(read: &Result<Option<Self>>) -> Option<Rc<Settled>> {
        match read {
            Ok(Some(Self::Running(settled, _))) => Some(Rc::clone(settled)),
            _ => None,
        }
    }

    fn start(self, env: &Env) -> napi::Result<(Rc<Settled>, WhenSettled)> {
        match self {
            Self::Running(settled, when_settled) => Ok((settled, when_settled)),
            Self::Function(run) => Settled::follow(env, promise_of(env, &run)?),
        }
    }
}

/// What both waits share.
struct Bounds {
    token: CancellationToken,
    listener: AbortListener,
    signal: Option<ObjectRef<false>>,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
}

fn read(env: &Env, params: Unknown<'_>) -> Result<(Source, Option<Source>, Bounds)> {
    let fields = Fields::required(params, "params")?;
    // Both first, so that promises are observed even if the rest is refused.
    let prompt = Source::read(env, &fields, "prompt");
    let wait = Source::read(env, &fields, "waitForCompactionRetry");
    let followed = [&prompt, &wait].map(Source::followed);
    let prompt = prompt.and_then(|it| it.ok_or_else(|| fields.invalid("prompt", "must be given")));
    let attempt = prompt.and_then(|prompt| Ok((prompt, wait?, Bounds::read(env, &fields)?)));
    attempt.inspect_err(|_| {
        for settled in followed.iter().flatten() {
            let _ = settled.release(env);
        }
    })
}

fn start(
    env: &Env,
    attempt: Bounds,
    prompt: Source,
    wait: Option<Source>,
) -> napi::Result<PromiseRaw<'_, Unknown<'_>>> {
    if attempt.token.is_cancelled() && matches!(prompt, Source::Function(_)) {
        if let Some(Source::Running(wait, _)) = wait {
            wait.release(env)?;
        }
        return attempt.answer(env, None, None, Cause::Caller);
    }
    let (prompt, when_settled) = prompt.start(env)?;
    let until = attempt.until(when_settled);
    let promise =
        env.spawn_future_with_callback(async move { Ok(until.await) }, |env, cause| {
            let Some(wait) = wait else {
                return attempt.answer(env, Some(&prompt), None, cause);
            };
            let (wait, when_settled) = wait.start(env)?;
            let until = attempt.until(when_settled);
            let promise = env.spawn_future_with_callback(
                async move { Ok(until.await) },
                move |env, later| {
                    let cause = if cause == Cause::None { later } else { cause };
                    attempt.answer(env, Some(&prompt), Some(&wait), cause)
                },
            )?;
            PromiseRaw::from_unknown(promise.to_unknown())
        })?;
    PromiseRaw::from_unknown(promise.to_unknown())
}

impl Bounds {
    fn read(env: &Env, fields: &Fields<'_>) -> Result<Self> {
        let SettleAttemptParams { signal, timeout_ms } = SettleAttemptParams::read(fields)?;
        let timeout = timeout_ms.map(|timeout| timeout.0);
        let token = CancellationToken::new();
        let listener = AbortListener::attach(env, signal, "params.signal", &token)?;
        let signal =
            signal.and_then(as_object).and_then(|signal| signal.create_ref::<false>().ok());
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        Ok(Self { token, listener, signal, timeout, deadline })
    }

    /// Waits for the promise, the signal or the timer; the promise comes first.
    fn until(&self, when_settled: WhenSettled) -> impl Future<Output = Cause> + Send + 'static {
        let (token, deadline) = (self.token.clone(), self.deadline);
        async move {
            let timer = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = when_settled => Cause::None,
                () = token.cancelled() => Cause::Caller,
                () = timer => Cause::Timeout,
            }
        }
    }

    fn answer<'env>(
        mut self,
        env: &'env Env,
        prompt: Option<&Settled>,
        wait: Option<&Settled>,
        cause: Cause,
    ) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
        let cause =
            if cause == Cause::None && self.token.is_cancelled() { Cause::Caller } else { cause };
        let answer = settle(prompt_end(prompt), wait_end(env, wait)?, cause);
        let promise = match (answer, wait) {
            (Answer::PassOn, Some(wait)) => PromiseRaw::reject(env, wait.value(env)?)?,
            (Answer::PassOn, None) => {
                return Err(to_js_error(env, &Error::Internal("settleAttempt")));
            }
            (Answer::Settled { error, cause }, _) => {
                let answer = self.object(env, prompt, wait, error, cause)?;
                PromiseRaw::from_unknown(PromiseRaw::resolve(env, answer)?.to_unknown())?
            }
        };
        self.listener.detach(env)?;
        if let Some(signal) = self.signal.take() {
            signal.unref(env)?;
        }
        for settled in [prompt, wait].into_iter().flatten() {
            settled.release(env)?;
        }
        Ok(promise)
    }

    fn object<'env>(
        &self,
        env: &'env Env,
        prompt: Option<&Settled>,
        wait: Option<&Settled>,
        error: ErrorOf,
        cause: Cause,
    ) -> napi::Result<SettledAttempt<'env>> {
        let fulfilled = prompt.filter(|prompt| prompt.progress() == Progress::Fulfilled);
        let value = fulfilled.map(|prompt| prompt.value(env)).transpose()?;
        let prompt_error = match (error, prompt, wait) {
            (ErrorOf::Prompt, Some(failed), _) | (ErrorOf::Wait, _, Some(failed)) => {
                Some(failed.value(env)?)
            }
            (ErrorOf::Cause, ..) => Some(self.cause_error(env, cause)?),
            _ => None,
        };
        Ok(SettledAttempt {
            ok: error == ErrorOf::None && cause == Cause::None,
            value: value.map_or(Either::B(()), Either::A),
            prompt_error: nullable(prompt_error),
            aborted: cause != Cause::None,
            timed_out: cause == Cause::Timeout,
            caused_by: cause.name(),
        })
    }

    /// The caller's own reason object, or our `TimeoutError`.
    fn cause_error<'env>(&self, env: &'env Env, cause: Cause) -> napi::Result<Unknown<'env>> {
        if let (Cause::Caller, Some(signal)) = (cause, &self.signal) {
            return signal.get_value(env)?.get_named_property("reason");
        }
        let after = self.timeout.unwrap_or_default();
        let error = Error::TimedOut { what: "the attempt", after, option: "timeoutMs" };
        Ok(js_error_object(env, &error)?.to_unknown())
    }
}

fn prompt_end(prompt: Option<&Settled>) -> Prompt {
    match prompt.map(Settled::progress) {
        Some(Progress::Fulfilled) => Prompt::Done,
        Some(Progress::Rejected) => Prompt::Failed,
        Some(Progress::Pending) | None => Prompt::Pending,
    }
}

fn wait_end(env: &Env, wait: Option<&Settled>) -> napi::Result<Wait> {
    let Some(wait) = wait else { return Ok(Wait::Done) };
    Ok(match wait.progress() {
        Progress::Pending => Wait::Pending,
        Progress::Fulfilled => Wait::Done,
        Progress::Rejected if thrown::is_abort(env, wait.value(env)?) => Wait::AbortLike,
        Progress::Rejected => Wait::Failed,
    })
}
