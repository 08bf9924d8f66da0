//! `withAuthProfileLock`: a JavaScript function that runs while this process holds the store's lock.

use std::sync::Arc;

use napi::bindgen_prelude::{Function, FunctionRef, PromiseRaw, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;

use crate::binding::values::host;
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::options::{self, Options};
use crate::binding::values::params;
use crate::binding::values::value::{Fields, is_nullish, of_type};
use crate::binding::values::warning::warn_lost_lock;
use crate::binding::waits::settled::{Progress, Settled, promise_of};
use crate::error::{Error, Result};
use crate::store::edits::inherited::owner_of_known;
use crate::store::file::commit;
use crate::store::file::paths::StorePaths;

/// Each promise resolves with the next: the lock, then `run` and the release, then the result of `run`.
type LockPromise<'env> = PromiseRaw<'env, PromiseRaw<'env, PromiseRaw<'env, Unknown<'env>>>>;
type Run = FunctionRef<(), Unknown<'static>>;

struct Arguments {
    paths: StorePaths,
    run: Run,
    options: Options,
    profile: Option<String>,
}

/// Runs a function while this process holds the store's lock, the one that hosts see included, and resolves with what
/// it returns or rejects with what it throws, once the lock is free again. For work that no other process may do at the
/// same time. For OAuth logins there is `refresh` of the loop and of `createFailover` (docs/oauth.md), which holds up
/// nobody but who needs the new token; this is for hosts of one's own that refresh by hand.
///
/// The lock's heartbeat runs in a native thread, so a busy event loop does not make the lock look abandoned. Marks and
/// edits of this process go through meanwhile, in `run` too: `upsertAuthProfile` is how to store a refreshed credential.
/// Do not nest two calls for one store: the inner one waits for the outer. Hosts with `pid-file` locks up to 2026.4.29
/// take a lock for stale after 30 seconds whatever its holder does.
///
/// `agentDir`: as in marks; `null` is the main agent's. `options`: `lockForm`, `lockTimeoutMs` and `profileId` count.
/// `profileId` names the profile that is refreshed: if the agent inherits it, the lock is that of the main agent's store,
/// where the credential lives, so that two sub-agents do not spend one refresh token. Pass it whenever you refresh. A
/// profile that neither has is refused; for the login of a new one leave it out.
///
/// ```js
/// await withAuthProfileLock(agentDir, async () => {
///   const { profiles } = await readAuthProfileStore({ agentDir }) // another process may have refreshed it meanwhile
///   if (profiles[profileId].expires > Date.now()) return
///   await upsertAuthProfile({ agentDir, profileId, credential: await refresh(profiles[profileId]) })
/// }, { profileId })
/// ```
///
/// Rejects with `ERR_LOCK_TIMEOUT`, `ERR_STORE_MISSING`, `ERR_STORE_READ_ONLY`, `ERR_STORE_MIGRATED`, `ERR_STORE_IO` or
/// `ERR_INVALID_ARGUMENT`; `run` is not called then.
#[napi(
    catch_unwind,
    ts_generic_types = "T",
    ts_args_type = "agentDir: string | null | undefined, run: () => T | PromiseLike<T>, options?: (AuthProfileOptions & { profileId?: string | null }) | null",
    ts_return_type = "Promise<T>"
)]
pub fn with_auth_profile_lock<'env>(
    env: &'env Env,
    agent_dir: Unknown<'env>,
    run: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<LockPromise<'env>> {
    let Arguments { paths, run, options, profile } =
        match read_arguments(env, agent_dir, run, options) {
            Ok(read) => read,
            Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
        };
    let work = async move {
        let own = paths.store.clone();
        let paths = match profile {
            Some(profile) => owner_of_known(paths, profile).await,
            None => Some(paths),
        };
        // Another lock than the one that is meant would let two spend one refresh token.
        let Some(paths) = paths else { return Ok((Err(Arc::new(no_profile())), own)) };
        let store = paths.store.clone();
        Ok((commit::hold(paths, options.lock_form, options.wait).await, store))
    };
    env.spawn_future_with_callback(work, move |env, (held, store)| {
        let hold = held.map_err(|error| to_js_error(env, &error))?;
        let (answer, has_settled) = Settled::follow(env, promise_of(env, &run)?)?;
        let release = async move {
            // A promise that can no longer settle (its worker ends) releases too.
            let _ = has_settled.await;
            Ok(commit::release(hold).await)
        };
        env.spawn_future_with_callback(release, move |env, was_lost| {
            if was_lost {
                warn_lost_lock(env, &store);
            }
            pass_on(env, &answer)
        })
    })
}

/// A promise of the value, or of the very thing that was thrown.
fn pass_on<'env>(
    env: &'env Env,
    answer: &Settled,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let value = answer.value(env)?;
    answer.release(env)?;
    match answer.progress() {
        Progress::Rejected => PromiseRaw::reject(env, value),
        Progress::Pending | Progress::Fulfilled => PromiseRaw::resolve(env, value),
    }
}

fn no_profile() -> Error {
    let problem = "is not the id of a profile of this agent; leave it out for a new login";
    Error::invalid("options.profileId", problem)
}

fn profile_id(fields: &Fields<'_>) -> Result<Option<String>> {
    let id: Option<String> = params::field(fields, "profileId")?;
    if id.as_ref().is_some_and(|id| id.trim().is_empty()) {
        return Err(fields.invalid("profileId", "must not be empty"));
    }
    Ok(id)
}

fn read_arguments(
    env: &Env,
    agent_dir: Unknown<'_>,
    run: Unknown<'_>,
    options: Option<Unknown<'_>>,
) -> Result<Arguments> {
    let agent_dir: Option<String> = if is_nullish(agent_dir) {
        None
    } else {
        let dir = of_type(agent_dir, ValueType::String);
        Some(dir.ok_or_else(|| Error::invalid("agentDir", "must be a string"))?)
    };
    let run: Function<'_, (), Unknown<'static>> = of_type(run, ValueType::Function)
        .ok_or_else(|| Error::invalid("run", "must be a function"))?;
    let run = run.create_ref().map_err(|_| Error::Internal("withAuthProfileLock"))?;
    let (options, profile) = match Fields::optional(options, "options")? {
        Some(fields) => (options::read(&fields)?, profile_id(&fields)?),
        None => (options::configured(), None),
    };
    let paths = host::store_paths(env, agent_dir.as_deref(), options.with_state)?;
    Ok(Arguments { paths, run, options, profile })
}
