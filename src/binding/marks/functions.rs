//! The marks: one JavaScript call, one edit of the store, the caller's object brought up to date.
//!
//! Each is declared twice: with its result, and as hosts declare it, so that it also fits where a host's own type is
//! asked for. A `Promise<MarkResult>` is no `Promise<void>` to TypeScript, and napi writes one declaration a function.

use napi::Env;
use napi::bindgen_prelude::{Object, ObjectRef, PromiseRaw, Unknown};
use napi_derive::napi;

use super::effect::{keep_in_process, settle};
use super::own_request;
use super::report::read_report;
use super::types::{
    MarkAuthProfileParams, MarkFailureParams, MarkProviderParams, MarkResult, MarkSuccessParams,
};
use crate::binding::values::host;
use crate::binding::values::host_config::cooldown_settings;
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::options::{self, Options};
use crate::binding::values::params::Params;
use crate::binding::values::value::Fields;
use crate::binding::values::warning::{warn_in_place, warn_once};
use crate::error::{Error, Result};
use crate::profiles::cooldown::CooldownSettings;
use crate::profiles::stats::Success;
use crate::store::edits::marks::{Documents, Event, FailureEvent, Mark};
use crate::store::file::atomic::Durability;
use crate::store::file::commit;
use crate::store::file::paths::StorePaths;
use crate::store::file::update::UpdateOptions;
use crate::time::WallMs;

type MarkPromise<'env> = PromiseRaw<'env, MarkResult>;

/// Marks a profile as used after a success: `lastUsed` is now, errors, cooldown and disable are gone.
///
/// Same signature and effect as in clawdbot 2026.1.24 / openclaw 2026.1.29, but safe: the file is re-read under
/// the host's lock and a kernel lock, one entry is changed, and the file is replaced in one step.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkSuccessParams & AuthProfileOptions",
    ts_return_type = "Promise<MarkResult>\n/** As hosts declare it. */\nexport declare function markAuthProfileUsed(params: MarkAuthProfileParams): Promise<void>"
)]
pub fn mark_auth_profile_used<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields, _, _| Ok(Event::Used(read_success(fields)?)))
}

/// Remembers the profile as the last one that answered for a provider (`lastGood[provider]`).
///
/// Nothing happens if the profile's provider is another, letter by letter.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkProviderParams & AuthProfileOptions",
    ts_return_type = "Promise<MarkResult>\n/** As hosts declare it. */\nexport declare function markAuthProfileGood(params: MarkAuthProfileParams & MarkProviderParams): Promise<void>"
)]
pub fn mark_auth_profile_good<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields, _, _| {
        Ok(Event::Good { provider: MarkProviderParams::read(fields)?.provider })
    })
}

/// `markAuthProfileGood` and `markAuthProfileUsed` in one write, as in openclaw 2026.5.12 and later. The provider is
/// compared without case, blanks and aliases.
///
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkProviderParams & MarkSuccessParams & AuthProfileOptions",
    ts_return_type = "Promise<MarkResult>\n/** As hosts declare it. */\nexport declare function markAuthProfileSuccess(params: MarkAuthProfileParams & MarkProviderParams): Promise<void>"
)]
pub fn mark_auth_profile_success<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields, _, _| {
        let MarkProviderParams { provider } = MarkProviderParams::read(fields)?;
        Ok(Event::Success { provider, success: read_success(fields)? })
    })
}

/// Books a failure without a known reason: `markAuthProfileFailure` with reason `unknown`.
///
/// The profile cools for 1, 5, 25, then 60 minutes with each failure since its last success.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkWaitParams & AuthProfileOptions",
    ts_return_type = "Promise<MarkResult>\n/** As hosts declare it. */\nexport declare function markAuthProfileCooldown(params: MarkAuthProfileParams): Promise<void>"
)]
pub fn mark_auth_profile_cooldown<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields, options, now| {
        // The host's function takes no configuration.
        let mut event = failure_event(fields, options, CooldownSettings::default(), now)?;
        event.report.reason = Some("unknown".to_owned());
        Ok(Event::Failure(Box::new(event)))
    })
}

/// Books a failure: counts it, and lets the profile cool (1, 5, 25, 60 minutes) or, for `billing`, disables it
/// (5 hours, doubled each time, at most 24). Counters start over 24 hours after the last failure.
///
/// A wait that the server stated (`failure`, `retryAfterMs`, `resetAt`) takes the ladder's place; without one, the wait
/// that our own request with this credential was told for the same reason within the last minute. With `modelId`, a
/// failure that concerns one model lets the profile rest for that model only; several models rest side by side.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkFailureParams & MarkWaitParams & AuthProfileOptions",
    ts_return_type = "Promise<MarkResult>\n/** As hosts declare it. */\nexport declare function markAuthProfileFailure(params: MarkAuthProfileParams & MarkFailureParams): Promise<void>"
)]
pub fn mark_auth_profile_failure<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields, options, now| {
        let MarkFailureParams { reason, cfg } = MarkFailureParams::read(fields)?;
        let settings = cooldown_settings(cfg.as_ref());
        let mut event = failure_event(fields, options, settings, now)?;
        event.report.reason = reason;
        match (&event.report.reason, &event.report.failure) {
            (None, None) => Err(fields.invalid("reason", "must be a string")),
            (Some(reason), _) if reason.is_empty() => {
                Err(fields.invalid("reason", "must not be empty"))
            }
            _ => Ok(Event::Failure(Box::new(event))),
        }
    })
}

/// Resets a profile by hand: errors, every cooldown, disable and failure counts are gone, `lastUsed` and
/// `lastFailureAt` stay.
///
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & AuthProfileOptions",
    ts_return_type = "Promise<MarkResult>\n/** As hosts declare it. */\nexport declare function clearAuthProfileCooldown(params: MarkAuthProfileParams): Promise<void>"
)]
pub fn clear_auth_profile_cooldown<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |_, _, _| Ok(Event::Clear))
}

fn read_success(fields: &Fields<'_>) -> Result<Success> {
    let MarkSuccessParams { started_at, model_id } = MarkSuccessParams::read(fields)?;
    Ok(Success { started_at: started_at.map(WallMs::new), model: model_id })
}

fn failure_event(
    fields: &Fields<'_>,
    options: &Options,
    settings: CooldownSettings,
    now: WallMs,
) -> Result<FailureEvent> {
    Ok(FailureEvent {
        asked: None,
        report: read_report(fields, now)?,
        settings,
        policy: options.policy,
        ladder: options.ladder,
        stretch: 0.0,
    })
}

/// A mark with all that it needs, read before anything is done.
struct Call<'env> {
    store: Object<'env>,
    mark: Mark,
    paths: StorePaths,
    options: Options,
}

fn mark<'env>(
    env: &'env Env,
    params: Unknown<'env>,
    event: impl FnOnce(&Fields<'env>, &Options, WallMs) -> Result<Event>,
) -> napi::Result<MarkPromise<'env>> {
    let call = match read_call(env, params, event) {
        Ok(call) => call,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
    };
    let store: ObjectRef<false> = call.store.create_ref()?;
    let (mark, strict, path) = (call.mark.clone(), call.options.strict, call.paths.store.clone());
    let edit = Box::new(move |documents: &mut Documents| {
        own_request::completed(&call.mark, documents).apply(documents)
    });
    let update = UpdateOptions {
        lock_form: call.options.lock_form,
        durability: call.options.durability.unwrap_or(Durability::Relaxed),
    };
    let work = commit::submit(call.paths, update, call.options.wait, edit);
    env.spawn_future_with_callback(async move { Ok(work.await) }, move |env, outcome| {
        let mut target = store.get_value(env)?;
        let result = match outcome {
            Ok(outcome) => {
                if outcome.is_in_place {
                    warn_in_place(env, &path);
                }
                settle(env, &mut target, &mark, &outcome)
            }
            Err(error) if strict => Err(to_js_error(env, &error)),
            Err(error) => {
                warn_once(env, &path, &error);
                keep_in_process(env, &mut target, &mark, &error)
            }
        };
        store.unref(env)?;
        result
    })
}

fn read_call<'env>(
    env: &Env,
    params: Unknown<'env>,
    event: impl FnOnce(&Fields<'env>, &Options, WallMs) -> Result<Event>,
) -> Result<Call<'env>> {
    let fields = Fields::required(params, "params")?;
    let MarkAuthProfileParams { store, profile_id, agent_dir } =
        MarkAuthProfileParams::read(&fields)?;
    let options = options::read(&fields)?;
    let now = host::now(env).map_err(|_| Error::Internal("Date.now"))?;
    let event = event(&fields, &options, now)?;
    let paths = host::store_paths(env, agent_dir.as_deref(), options.with_state)?;
    Ok(Call { store, mark: Mark { profile_id, event, now }, paths, options })
}
