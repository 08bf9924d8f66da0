//! The readers of cooldowns. Those of the host are synchronous and read the passed object only; the file is read off
//! the event loop.

use napi::bindgen_prelude::{Object, PromiseRaw, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;

use crate::binding::values::host;
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::options;
use crate::binding::values::params::{self, Lenient, params};
use crate::binding::values::passed_store::{apply_changes, has_stats, read_stats, stats_ids};
use crate::binding::values::value::of_type;
use crate::error::{Error, Result};
use crate::profiles::cooldown::{
    calculate_cooldown_ms, is_in_cooldown, unusable_until, unusable_until_for,
};
use crate::profiles::transitions;
use crate::store::accounts::reads;
use crate::time::WallMs;

/// Which cooldowns count.
#[derive(Default)]
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct CooldownQuery {
    /// Default `Date.now()`.
    #[napi(ts_type = "number | null")]
    #[expect(dead_code, reason = "hosts pass it; the soonest end does not depend on it")]
    pub now: Option<Lenient<f64>>,
    /// Only cooldowns for this model count. Default: all count.
    #[napi(ts_type = "string | null")]
    pub for_model: Option<String>,
}
params!(CooldownQuery { now, for_model });

/// Where the store is.
#[derive(Default)]
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct ReadAuthProfileStoreParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
}
params!(ReadAuthProfileStoreParams { agent_dir });

/// Whether a profile rests, after failures or for billing. A window's end itself is usable again. Reads only the
/// passed object; a profile without an entry is usable.
///
/// `now` is `Date.now()` by default. With `forModel`, cooldowns of other models do not count; without it, all do.
/// Throws `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "store: AuthProfileStore, profileId: string, now?: number | null, forModel?: string | null",
    ts_return_type = "boolean"
)]
pub fn is_profile_in_cooldown(
    env: &Env,
    store: Unknown<'_>,
    profile_id: Unknown<'_>,
    now: Option<Unknown<'_>>,
    for_model: Option<Unknown<'_>>,
) -> napi::Result<bool> {
    let arguments = || {
        let (store, id) = store_and_id(store, profile_id)?;
        let model: Option<String> = params::argument(for_model, "forModel")?;
        Ok((store, id, time_or_now(env, now)?, model))
    };
    let (store, id, now, model) = arguments().map_err(|error: Error| to_js_error(env, &error))?;
    Ok(is_in_cooldown(&read_stats(env, &store, &id), now, model.as_deref()))
}

/// The end of the profile's rest for showing it, even if it has passed; `null` without any.
///
/// Throws `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "store: AuthProfileStore, profileId: string",
    ts_return_type = "number | null"
)]
pub fn resolve_profile_unusable_until_for_display(
    env: &Env,
    store: Unknown<'_>,
    profile_id: Unknown<'_>,
) -> napi::Result<Option<f64>> {
    let (store, id) = store_and_id(store, profile_id).map_err(|error| to_js_error(env, &error))?;
    Ok(unusable_until(&read_stats(env, &store, &id)).map(WallMs::as_ms))
}

/// When the first of these profiles is free again: the smallest of their ends, which may have passed; `null` if none
/// of them rests.
///
/// Throws `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "store: AuthProfileStore, profileIds: string[], options?: CooldownQuery | null",
    ts_return_type = "number | null"
)]
pub fn get_soonest_cooldown_expiry(
    env: &Env,
    store: Unknown<'_>,
    profile_ids: Unknown<'_>,
    options: Option<Unknown<'_>>,
) -> napi::Result<Option<f64>> {
    let arguments = || {
        let store: Object<'_> = params::argument(store, "store")?;
        let ids: Vec<String> = params::argument(profile_ids, "profileIds")?;
        let query: CooldownQuery = params::optional(options, "options")?;
        Ok((store, ids, query.for_model))
    };
    let (store, ids, model) = arguments().map_err(|error: Error| to_js_error(env, &error))?;
    let end = |id: &String| unusable_until_for(&read_stats(env, &store, id), model.as_deref());
    Ok(ids.iter().filter_map(end).reduce(WallMs::earlier).map(WallMs::as_ms))
}

/// Drops ended windows from the passed object, in memory only; a profile whose last window has ended starts counting
/// from zero. Returns whether anything was dropped. `now` is `Date.now()` by default; a window's end is its end.
///
/// Throws `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "store: AuthProfileStore, now?: number | null",
    ts_return_type = "boolean"
)]
pub fn clear_expired_cooldowns(
    env: &Env,
    store: Unknown<'_>,
    now: Option<Unknown<'_>>,
) -> napi::Result<bool> {
    let arguments = || {
        let store: Object<'_> = params::argument(store, "store")?;
        Ok((store, time_or_now(env, now)?))
    };
    let (mut store, now) = arguments().map_err(|error: Error| to_js_error(env, &error))?;
    let mut has_changed = false;
    for id in stats_ids(&store) {
        if !has_stats(env, &store, &id) {
            continue;
        }
        let changes = transitions::expired(&read_stats(env, &store, &id), now);
        if !changes.is_empty() {
            apply_changes(env, &mut store, &id, &changes)?;
            has_changed = true;
        }
    }
    Ok(has_changed)
}

/// How long a profile cools after the given number of failures, in milliseconds: 1, 5, 25, then 60 minutes.
///
/// Throws `ERR_INVALID_ARGUMENT`. `NaN` stays `NaN`.
#[napi(catch_unwind, ts_args_type = "errorCount: number")]
pub fn calculate_auth_profile_cooldown_ms(
    env: &Env,
    error_count: Unknown<'_>,
) -> napi::Result<f64> {
    of_type(error_count, ValueType::Number)
        .map(calculate_cooldown_ms)
        .ok_or_else(|| to_js_error(env, &Error::invalid("errorCount", "must be a number")))
}

/// Reads `auth-profiles.json` without a lock and without blocking the event loop: known profiles only, and for a
/// sub-agent the main agent's under its own, as the host's loader gives it. Nothing is migrated or written.
///
/// Rejects with `ERR_STORE_MISSING`, `ERR_STORE_UNREADABLE` (the file is not a store; it is left as it is),
/// `ERR_STORE_MIGRATED` (a newer host keeps its profiles in a database), `ERR_STORE_READ_ONLY` (no permission),
/// `ERR_STORE_IO` or `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_generic_types = "Store extends AuthProfileStore = AuthProfileStore",
    ts_args_type = "params?: ReadAuthProfileStoreParams | null",
    ts_return_type = "Promise<Store>"
)]
pub fn read_auth_profile_store<'env>(
    env: &'env Env,
    params: Option<Unknown<'env>>,
) -> napi::Result<PromiseRaw<'env, Unknown<'env>>> {
    let paths = || {
        let given: ReadAuthProfileStoreParams = params::optional(params, "params")?;
        host::store_paths(env, given.agent_dir.as_deref(), options::configured().with_state)
    };
    match paths() {
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?),
        Ok(paths) => {
            let read = reads::store(paths);
            env.spawn_future_with_callback(async move { Ok(read.await) }, |env, text| match text {
                Ok(text) => host::json_parse(env, &text),
                Err(error) => Err(to_js_error(env, &error)),
            })
        }
    }
}

fn store_and_id<'env>(store: Unknown<'env>, id: Unknown<'env>) -> Result<(Object<'env>, String)> {
    Ok((params::argument(store, "store")?, params::argument(id, "profileId")?))
}

/// A time that may be left out.
fn time_or_now(env: &Env, value: Option<Unknown<'_>>) -> Result<WallMs> {
    host::given_or_now(env, params::argument(value, "now")?)
}
