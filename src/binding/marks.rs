//! The marks: one JavaScript call, one edit of the store, the caller's object brought up to date.

use std::sync::Arc;
use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, Object, ObjectRef, PromiseRaw, Unknown};
use napi_derive::napi;

use super::error::{js_error_object, to_js_error};
use super::host;
use super::profile_types::MarkResult;
use super::stats::{apply_changes, has_stats, provider_of, read_stats};
use super::value::{Fields, define, number_field, object_field};
use super::warning::warn_once;
use crate::error::{Error, Result};
use crate::profiles::UsageStats;
use crate::profiles::cooldown::CooldownSettings;
use crate::store::atomic::Durability;
use crate::store::commit;
use crate::store::lock::LockForm;
use crate::store::marks::{Event, Mark};
use crate::store::paths::StorePaths;
use crate::store::update::{Outcome, UpdateOptions};

type MarkPromise<'env> = PromiseRaw<'env, MarkResult>;

const DEFAULT_LOCK_TIMEOUT_MS: f64 = 5_000.0;
/// Beyond any sensible wait, and well inside what a timer can hold.
const LONGEST_LOCK_TIMEOUT_MS: f64 = 86_400_000.0;

/// Marks a profile as used after a success: `lastUsed` is now, errors, cooldown and disable are gone.
///
/// Same signature and effect as in clawdbot 2026.1.24 / openclaw 2026.1.29, but safe: the file is re-read under
/// the host's lock and a kernel lock, one entry is changed, and the file is replaced in one step.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams",
    ts_return_type = "Promise<MarkResult>"
)]
pub fn mark_auth_profile_used<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |_| Ok(Event::Used))
}

/// Remembers the profile as the last one that answered for a provider (`lastGood[provider]`).
///
/// Nothing happens if the profile's provider is another, letter by letter.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkAuthProfileGoodParams",
    ts_return_type = "Promise<MarkResult>"
)]
pub fn mark_auth_profile_good<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields| Ok(Event::Good { provider: fields.string("provider")? }))
}

/// Books a failure without a known reason: `markAuthProfileFailure` with reason `unknown`.
///
/// The profile cools for 1, 5, 25, then 60 minutes with each failure since its last success.
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams",
    ts_return_type = "Promise<MarkResult>"
)]
pub fn mark_auth_profile_cooldown<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |_| {
        let settings = CooldownSettings::default();
        Ok(Event::Failure { reason: "unknown".to_owned(), settings })
    })
}

/// Books a failure: counts it, and lets the profile cool (1, 5, 25, 60 minutes) or, for `billing`, disables it
/// (5 hours, doubled each time, at most 24). Counters start over 24 hours after the last failure.
///
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams & MarkAuthProfileFailureParams",
    ts_return_type = "Promise<MarkResult>"
)]
pub fn mark_auth_profile_failure<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |fields| {
        let reason = fields.string("reason")?;
        if reason.is_empty() {
            return Err(fields.invalid("reason", "must not be empty"));
        }
        Ok(Event::Failure { reason, settings: cooldown_settings(fields)? })
    })
}

/// Resets a profile by hand: errors, cooldown, disable and failure counts are gone, `lastUsed` and
/// `lastFailureAt` stay.
///
/// Rejects with `ERR_INVALID_ARGUMENT`; with `strict` also with the store's errors.
#[napi(
    catch_unwind,
    ts_args_type = "params: MarkAuthProfileParams",
    ts_return_type = "Promise<MarkResult>"
)]
pub fn clear_auth_profile_cooldown<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<MarkPromise<'env>> {
    mark(env, params, |_| Ok(Event::Clear))
}

/// A mark with all that it needs, read before anything is done.
struct Call<'env> {
    store: Object<'env>,
    mark: Mark,
    paths: StorePaths,
    options: UpdateOptions,
    wait: Duration,
    strict: bool,
}

fn mark<'env>(
    env: &'env Env,
    params: Unknown<'env>,
    event: impl FnOnce(&Fields<'env>) -> Result<Event>,
) -> napi::Result<MarkPromise<'env>> {
    let call = match read_call(env, params, event) {
        Ok(call) => call,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
    };
    let store: ObjectRef<false> = call.store.create_ref()?;
    let (mark, strict, path) = (call.mark.clone(), call.strict, call.paths.store.clone());
    let edit = Box::new(move |documents: &mut _| call.mark.apply(documents));
    let work = commit::submit(call.paths, call.options, call.wait, edit);
    env.spawn_future_with_callback(async move { Ok(work.await) }, move |env, outcome| {
        let mut target = store.get_value(env)?;
        let result = match outcome {
            Ok(outcome) => settle(env, &mut target, &mark, &outcome),
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
    event: impl FnOnce(&Fields<'env>) -> Result<Event>,
) -> Result<Call<'env>> {
    let fields = Fields::required(params, "params")?;
    let store = fields.object("store")?;
    let profile_id = fields.string("profileId")?;
    let event = event(&fields)?;
    let wait_ms = fields.optional_number("lockTimeoutMs")?.unwrap_or(DEFAULT_LOCK_TIMEOUT_MS);
    if !(0.0..=LONGEST_LOCK_TIMEOUT_MS).contains(&wait_ms) {
        return Err(fields.invalid("lockTimeoutMs", "must be between 0 and 86400000"));
    }
    let lock_form = match fields.optional_string("lockForm")?.as_deref() {
        None | Some("directory") => LockForm::Directory,
        Some("pid-file") => LockForm::PidFile,
        Some(_) => return Err(fields.invalid("lockForm", "must be \"directory\" or \"pid-file\"")),
    };
    let durability = match fields.optional_string("durability")?.as_deref() {
        None | Some("relaxed") => Durability::Relaxed,
        Some("full") => Durability::Full,
        Some(_) => return Err(fields.invalid("durability", "must be \"full\" or \"relaxed\"")),
    };
    let agent_dir = fields.optional_string("agentDir")?;
    let now = host::now_ms(env).map_err(|_| Error::Internal("Date.now"))?;
    Ok(Call {
        store,
        mark: Mark { profile_id, event, now },
        paths: host::store_paths(env, agent_dir.as_deref())?,
        options: UpdateOptions { lock_form, durability },
        wait: Duration::from_secs_f64(wait_ms / 1_000.0),
        strict: fields.optional_bool("strict")?.unwrap_or(false),
    })
}

/// `cfg.auth.cooldowns`; what is missing or no number falls back to the defaults, as in the host.
fn cooldown_settings(fields: &Fields<'_>) -> Result<CooldownSettings> {
    let cooldowns = fields
        .optional_object("cfg")?
        .and_then(|cfg| object_field(&cfg, "auth"))
        .and_then(|auth| object_field(&auth, "cooldowns"));
    let Some(cooldowns) = cooldowns else { return Ok(CooldownSettings::default()) };
    let by_provider = object_field(&cooldowns, "billingBackoffHoursByProvider");
    let hours_of = |map: &Object<'_>| {
        let keys = Object::keys(map).unwrap_or_default();
        keys.into_iter().filter_map(|key| Some((key.clone(), number_field(map, &key)?))).collect()
    };
    Ok(CooldownSettings {
        billing_backoff_hours: number_field(&cooldowns, "billingBackoffHours"),
        billing_backoff_hours_by_provider: by_provider.as_ref().map(hours_of).unwrap_or_default(),
        billing_max_hours: number_field(&cooldowns, "billingMaxHours"),
        failure_window_hours: number_field(&cooldowns, "failureWindowHours"),
    })
}

/// The update went through: the passed object now shows what the file says, whether or not this mark had
/// something to do. The host's rotation loop reads other profiles' cooldowns from it.
fn settle(
    env: &Env,
    store: &mut Object<'_>,
    mark: &Mark,
    outcome: &Outcome,
) -> napi::Result<MarkResult> {
    let (key, text) = match mark.event {
        Event::Good { .. } => ("lastGood", &outcome.last_good),
        _ => ("usageStats", &outcome.usage_stats),
    };
    match text {
        Some(text) => store.set(key, host::json_parse(env, text)?)?,
        None => {
            store.delete_named_property(key)?;
        }
    }
    let reason = outcome.declined.map(|declined| declined.reason().to_owned());
    let done = reason.is_none();
    Ok(MarkResult { persisted: done, changed: done, reason, code: None })
}

/// The mark could not be written: it takes effect on the passed object, so that this process acts on it.
fn keep_in_process(
    env: &Env,
    store: &mut Object<'_>,
    mark: &Mark,
    error: &Arc<Error>,
) -> napi::Result<MarkResult> {
    let id = mark.profile_id.as_str();
    let provider = provider_of(env, store, id);
    match (&mark.event, &provider) {
        (Event::Good { provider: expected }, Some(actual)) if expected == actual => {
            let mut last_good =
                object_field(store, "lastGood").map_or_else(|| Object::new(env), Ok)?;
            define(env, &mut last_good, expected, &env.create_string(id)?)?;
            store.set("lastGood", last_good)?;
        }
        (Event::Clear, _) if has_stats(env, store, id) => {
            apply_changes(env, store, id, &mark.changes(&UsageStats::default(), ""))?;
        }
        (Event::Used | Event::Failure { .. }, Some(provider)) => {
            let stats = read_stats(env, store, id);
            apply_changes(env, store, id, &mark.changes(&stats, provider))?;
        }
        // As in the host: what the passed store does not know either is not made up.
        _ => {}
    }
    Ok(MarkResult {
        persisted: false,
        changed: false,
        reason: Some(error.reason().to_owned()),
        code: Some(error.code().to_owned()),
    })
}
