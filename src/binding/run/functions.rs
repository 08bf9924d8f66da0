//! `runWithAuthProfiles`: the caller's loop over the profiles, on the JavaScript thread between its waits.
//!
//! Protocol: choose and reserve; call the caller's function; judge what it came to; book it, then give the reservation
//! back; go on or answer. Decisions are `rotation`'s, files are `store`'s; here are promises, signals and timers.

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsValue, ObjectRef, PromiseRaw, Unknown};
use napi_derive::napi;
use tokio_util::sync::CancellationToken;

use super::input::{Callback, Input, Settings};
use super::report::{Attempted, Details, tell};
use crate::binding::failure::evidence::take_exception;
use crate::binding::values::error::js_error_object;
use crate::binding::values::host;
use crate::binding::values::signal::AbortListener;
use crate::error::Result;
use crate::failure::Secrets;
use crate::pool::choose::{self, Chosen, Request};
use crate::profiles::status::State;
use crate::rotation::choice::{Choice, Standing};
use crate::rotation::course::Course;
use crate::store::edits::marks::Restored;

pub(crate) type Answer<'env> = PromiseRaw<'env, Unknown<'env>>;

/// Asks one profile after the other until one answers, and keeps the books.
///
/// Reads the store, puts the profiles in order, skips what cools for this model, and calls `run` with one profile at a
/// time. What `run` throws is classified, and so is an assistant message with `stopReason: 'error'` that it returns. A
/// failure that another account may not meet (`failure.rotate`) is booked and the next profile is asked at once; a
/// success is booked in one write. Choosing and reserving is one step that processes do not share: requests that start
/// together go to different accounts, and after a rest of 30 seconds or more one request tries the account out before
/// others use it. A reservation ends with its attempt or its process.
///
/// Booked by `policy: 'safe'` unless the call says otherwise; `strict` does not count, because bookkeeping never breaks a
/// request. A `run` whose time was over or whose caller aborted may settle later: nothing comes of it.
///
/// Resolves with what `run` returned, who answered, and every attempt. Rejects with
/// - what `run` threw, as it is, if another account would not help: a bad request, a missing model, an answer that had
///   begun, a fault in `run` itself (nothing is booked for that);
/// - `ERR_ATTEMPT_FAILED` if `run` returned such an error as a message (`result`);
/// - `ERR_NO_PROFILE_AVAILABLE` if nobody is left: `nextProfileId` is free next, at `freeAt`; `retryAfterMs` is up to a
///   tenth longer, so that callers do not come back in one burst; `null` if time will not help. `cause` is what the last
///   attempt threw or returned;
/// - `ERR_REQUEST_REFUSED` if three or more profiles refused the request in the same way within 15 seconds, with nothing
///   that speaks of themselves: they are free again, and the request (`requestKey`) is not sent again for `retryAfterMs`.
///   If another request meets the same in that time, it is the profiles, and they cool;
/// - the reason of `signal`;
/// - `ERR_INVALID_ARGUMENT` (a `TypeError` that names the field, before anything is read), `ERR_STORE_MISSING`,
///   `ERR_STORE_UNREADABLE`, `ERR_STORE_MIGRATED` or `ERR_STORE_IO`.
///
/// Those of the package's own errors that come after the arguments were read carry `attempts` and the last `failure`.
/// Events, attempts and messages never show a secret of the profile that was asked, even if the server repeats it; what
/// `run` threw or returned is the caller's own. A listener that throws, or whose promise rejects, becomes a warning.
///
/// ```js
/// const { result, profileId } = await runWithAuthProfiles({
///   provider: 'google-gemini-cli', model: model.id, sessionKey, signal,
///   run: ({ apiKey, signal }) => streamGoogleGeminiCli(model, context, { apiKey, signal }).result(),
/// })
/// ```
#[napi(
    catch_unwind,
    ts_generic_types = "T",
    ts_args_type = "params: { run: (context: AuthProfileAttemptContext) => T | PromiseLike<T>, onEvent?: ((event: AuthProfileRunEvent) => void) | null } & RunWithAuthProfilesParams & AuthProfileOptions",
    ts_return_type = "Promise<{ result: T, profileId: string, attempts: AuthProfileAttempt[] }>"
)]
pub fn run_with_auth_profiles<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<Answer<'env>> {
    let input = Input::read(env, params);
    if let Some(thrown) = take_exception(env) {
        // By a getter of the caller's, which an `async` function would pass on in this way too.
        return PromiseRaw::reject(env, thrown);
    }
    match input {
        Ok(input) => Run::new(input).next(env),
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?.to_unknown()),
    }
}

/// A run on its way. Lives on the JavaScript thread.
pub(crate) struct Run {
    pub(crate) settings: Settings,
    pub(crate) course: Course,
    pub(crate) function: Callback,
    pub(crate) on_event: Option<Callback>,
    pub(crate) token: CancellationToken,
    pub(crate) listener: AbortListener,
    pub(crate) signal: Option<ObjectRef<false>>,
    pub(crate) attempted: Vec<Attempted>,
    /// How to take the bookings back.
    pub(crate) restores: Vec<(String, Restored)>,
    /// Of the last attempt's credential.
    pub(crate) secrets: Secrets,
    /// `{ value }`: what the last attempt threw or returned.
    pub(crate) cause: Option<ObjectRef<false>>,
    has_told_skips: bool,
}

impl Run {
    fn new(input: Input) -> Self {
        let Input { settings, course, run, on_event, token, listener, signal } = input;
        Self {
            settings,
            course,
            function: run,
            on_event,
            token,
            listener,
            signal,
            attempted: Vec::new(),
            restores: Vec::new(),
            secrets: Secrets::default(),
            cause: None,
            has_told_skips: false,
        }
    }

    /// Chooses the next profile.
    pub(crate) fn next(self, env: &Env) -> napi::Result<Answer<'_>> {
        let request = self.request(env)?;
        let chosen = or_abort(&self.token, choose::choose(request));
        after(env, chosen, |env, chosen| self.decide(env, chosen))
    }

    fn request(&self, env: &Env) -> napi::Result<Request> {
        let Settings { paths, config, .. } = &self.settings;
        Ok(Request {
            paths: paths.clone(),
            config: config.clone(),
            wish: self.course.wish.clone(),
            now: host::now_ms(env)?,
        })
    }

    fn decide(mut self, env: &Env, chosen: Option<Result<Chosen>>) -> napi::Result<Answer<'_>> {
        let chosen = match chosen {
            None => return self.end_aborted(env),
            Some(Err(error)) => return self.reject(env, &error),
            Some(Ok(chosen)) => chosen,
        };
        self.tell_skips(env, &chosen.standings)?;
        if self.token.is_cancelled() {
            // Since the choice, or by the listener.
            return self.end_aborted(env);
        }
        match (chosen.choice, chosen.taken) {
            (Choice::Take { id, is_probe }, Some(taken)) => self.attempt(env, &id, taken, is_probe),
            (Choice::Wait { id, until }, _) => {
                let details =
                    Details { profile_id: Some(&id), until: Some(until), ..Details::default() };
                tell(env, self.on_event.as_ref(), "waiting", &details)?;
                let request = self.request(env)?;
                let chosen = or_abort(&self.token, choose::choose_after_verdict(request));
                after(env, chosen, |env, chosen| self.decide(env, chosen))
            }
            (Choice::Refused { until }, _) => {
                let wait_ms = until - host::now_ms(env)?;
                self.refused(env, wait_ms)
            }
            (Choice::Nobody | Choice::Take { .. }, _) => self.nobody(env, &chosen.standings),
        }
    }

    /// Who is not asked and why, once.
    fn tell_skips(&mut self, env: &Env, standings: &[Standing]) -> napi::Result<()> {
        if std::mem::replace(&mut self.has_told_skips, true) {
            return Ok(());
        }
        let skipped = standings.iter().filter(|standing| standing.state != State::Ready);
        skipped.into_iter().try_for_each(|standing| {
            let details = Details {
                profile_id: Some(&standing.id),
                state: Some(standing.state.name()),
                until: standing.until,
                reason: standing.reason.as_deref(),
                ..Details::default()
            };
            tell(env, self.on_event.as_ref(), "skipped", &details)
        })
    }
}

/// The future's answer, or `None` if the caller aborts first.
pub(crate) fn or_abort<T>(
    token: &CancellationToken,
    future: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Option<T>> + Send + 'static {
    let token = token.clone();
    async move {
        tokio::select! {
            biased;
            () = token.cancelled() => None,
            answer = future => Some(answer),
        }
    }
}

/// Goes on after a future, on the JavaScript thread.
pub(crate) fn after<'env, T: Send + 'static>(
    env: &'env Env,
    future: impl Future<Output = T> + Send + 'static,
    then: impl FnOnce(&'env Env, T) -> napi::Result<Answer<'env>> + 'static,
) -> napi::Result<Answer<'env>> {
    let promise = env.spawn_future_with_callback(async move { Ok(future.await) }, then)?;
    PromiseRaw::from_unknown(promise.to_unknown())
}
