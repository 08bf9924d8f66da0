//! `runWithAuthProfiles`: the caller's loop over the profiles.

use napi::Env;
use napi::bindgen_prelude::{JsValue, PromiseRaw, Unknown};
use napi_derive::napi;

use super::driver::{Answer, Driver};
use super::run_params::Input;
use crate::binding::handle::whose::Given;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::take_exception;

/// Asks one profile after the other until one answers, and books the results.
///
/// **Only what happens until `run` settles is seen.** So:
/// - Read a stream inside `run`. Many SDKs give a stream before they ask the server: one that is returned unread ends
///   the run whatever becomes of it. It is booked as used and not as good, and a warning says so once for each kind
///   (`WARN_UNREAD_STREAM`).
/// - Call `deliver()` before anything of the answer goes out. A failure after that is passed on and no other profile
///   is asked, because your reader would see the beginning twice. A thrown error with `eventsDelivered` above 0 or
///   `replaySafe: false`, on itself or on its `failure`, says the same. With `replay: 'always'` another one is asked.
/// - Call `progress()` for a sign of life of which nothing goes out. Both signs feed `idleTimeoutMs`.
/// - A `Response` may be returned, or thrown, as it is. One that is not `ok` is a failure; its body is read from a copy,
///   64 KiB and 3 seconds at most, and stays readable. A body that was read before is not read again.
///
/// ```js
/// const { result: message } = await runWithAuthProfiles({
///   provider: 'anthropic', model: body.model, signal, firstByteTimeoutMs: 20_000, idleTimeoutMs: 60_000,
///   run: async ({ apiKey, signal, deliver, progress }) => {
///     const stream = new Anthropic({ apiKey, maxRetries: 0 }).messages.stream(body, { signal })
///     for await (const event of stream) {
///       if (event.delta?.type !== 'text_delta') { progress(); continue }
///       deliver()
///       client.write(event.delta.text)
///     }
///     return stream.finalMessage()
///   },
/// })
/// ```
///
/// Reads the store, puts the profiles in order, skips what cools for this model, and calls `run` with one profile at a
/// time. What `run` throws is classified, and so is an assistant message with `stopReason: 'error'` that it returns. A
/// failure that another account may not meet (`failure.rotate`) is booked and the next profile is asked at once; a
/// success is booked in one write. Choosing and reserving is one step that processes do not share: requests that start
/// together go to different accounts, and after a rest of 30 seconds or more one request probes the account before
/// others use it. A reservation ends with its attempt or its process.
///
/// **A fault of the provider's server, or of the way to it**, rests no profile: 5xx, 529, a network error, a time limit.
/// Another profile is asked at once; if none is left, one that got no answer is asked again. After `endpointAttempts` such
/// attempts the run rejects. The provider itself, with `model` and `baseUrl` if they are given, rests for all processes:
/// 250 ms, twice as long each time up to 8 seconds, or as long as it states, up to a minute. Then one run probes it, and
/// any answer from it ends the rest; `deliver()` and `progress()` say that one has begun. A time limit of one's own is
/// weaker: it is a reason to rest only if nobody was answered meanwhile, and keeps only those away who wait no longer
/// (`timeoutMs`, `firstByteTimeoutMs`). A run that meets a rest waits for it if it ends within 0.6 seconds, and for a probe
/// up to 4 seconds; else it rejects at once. All waits of a run together last 10 seconds at most, are told as events, and
/// end with `signal`.
///
/// A profile may name its secret by reference instead of holding it; `resolveSecret` looks it up.
///
/// Nothing waits for a booking: an answer is given and the next profile asked at once, also while another program has
/// locked the store. A result holds in this process at once, and is in the file soon; see `settled`.
///
/// Booked by `policy: 'safe'` unless the call says otherwise; `strict` does not count, because bookkeeping never breaks a
/// request. A `run` whose time was over or whose caller aborted may settle later: nothing comes of it.
///
/// Resolves with what `run` returned, who answered, and every attempt. Rejects with
/// - what `run` threw, as it is, if another account would not help: a bad request, a missing model, an answer that had
///   begun, a fault in `run` itself (a `TypeError` and its like without a status or a code, or what is no object: nothing
///   is booked for that), or if every profile failed with the same unknown words;
/// - `ERR_ATTEMPT_FAILED` if `run` returned such a failure, as a message or a `Response` (`result`);
/// - `ERR_NO_PROFILE_AVAILABLE` if no profile is left: `nextProfileId` is free next, at `freeAt`; `retryAfterMs` is up to a
///   tenth longer, so that callers do not come back in one burst; `null` if time will not help. `cause` is what the last
///   attempt threw or returned, or `ERR_SECRET_UNRESOLVED`. The message names a pinned profile that is not there;
/// - `ERR_PROVIDER_UNAVAILABLE` if the provider's server failed `endpointAttempts` attempts of this run, or rests since it
///   failed others (`attempts` is empty then): come back after `retryAfterMs`. `cause` is as above;
/// - `ERR_REQUEST_REFUSED` if three or more profiles refused the request in the same way within 15 seconds, with nothing
///   that speaks of themselves: they are free again, and the request (`requestKey`) is not sent again for `retryAfterMs`.
///   If another request meets the same in that time, the profiles are at fault, and they cool;
/// - the reason of `signal`;
/// - `ERR_INVALID_ARGUMENT` (a `TypeError` that names the field, before anything is read), `ERR_STORE_MISSING`,
///   `ERR_STORE_UNREADABLE`, `ERR_STORE_MIGRATED` or `ERR_STORE_IO`.
///
/// Those of the package's own errors that come after the arguments were read carry `attempts` and the last `failure`.
/// Events, attempts and messages never show a secret of the profile that was asked, even if the server repeats it; what
/// `run` threw or returned is the caller's own. A listener that throws, or whose promise rejects, becomes a warning.
#[napi(
    catch_unwind,
    ts_generic_types = "T",
    ts_args_type = "params: { run: (context: AuthProfileAttemptContext) => T | PromiseLike<T>, onEvent?: ((event: AuthProfileRunEvent) => void) | null } & RunWithAuthProfilesParams & AuthProfileOptions",
    ts_return_type = "Promise<AuthProfileRunResult<T>>"
)]
pub fn run_with_auth_profiles<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<Answer<'env>> {
    begin_run(env, params, None)
}

/// The same for accounts that a handle holds.
pub(crate) fn begin_run<'env>(
    env: &'env Env,
    params: Unknown<'env>,
    given: Option<&Given>,
) -> napi::Result<Answer<'env>> {
    begin(env, params, given, Driver::new)
}

/// Reads the arguments and begins.
pub(crate) fn begin<'env>(
    env: &'env Env,
    params: Unknown<'env>,
    given: Option<&Given>,
    driver: fn(Input) -> Driver,
) -> napi::Result<Answer<'env>> {
    let input = Input::read(env, params, given);
    if let Some(thrown) = take_exception(env) {
        // By a getter of the caller's, which an `async` function would pass on in this way too.
        return PromiseRaw::reject(env, thrown);
    }
    match input {
        Ok(input) => driver(input).go_on(env),
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?.to_unknown()),
    }
}
