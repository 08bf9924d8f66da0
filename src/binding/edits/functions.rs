//! Edits by hand: order, upsert, remove, pause.

use std::path::PathBuf;

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;

use super::types::{
    EditResult, PauseAuthProfileParams, RemoveAuthProfileParams, SetAuthProfileOrderParams,
    UpsertAuthProfileParams,
};
use crate::binding::handle::given_profiles::check_credential;
use crate::binding::values::host;
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::options::{self, Options};
use crate::binding::values::params::Params;
use crate::binding::values::value::{Fields, string_field};
use crate::binding::values::warning::warn_in_place;
use crate::error::Result;
use crate::store::accounts::reads;
use crate::store::edits::by_hand as edits;
use crate::store::edits::inherited::{owner, owner_of_renewed};
use crate::store::file::atomic::Durability;
use crate::store::file::commit::{self, Shared};
use crate::store::file::paths::StorePaths;
use crate::store::file::update::{Edit, Outcome, UpdateOptions};
use crate::time::WallMs;

/// Sets in which order a provider's profiles are tried; `null` or an empty list goes back to the automatic order.
/// Entries are trimmed; empty ones and repeats are dropped.
///
/// Resolves with the store as it then is, and with `null` if it could not be written (the host's convention); with
/// `strict` it rejects with the store's error instead. Rejects with `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_generic_types = "Store extends AuthProfileStore = AuthProfileStore",
    ts_args_type = "params: SetAuthProfileOrderParams & AuthProfileOptions",
    ts_return_type = "Promise<Store | null>"
)]
pub fn set_auth_profile_order<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, Option<Unknown<'env>>>> {
    let read = || {
        let fields = Fields::required(params, "params")?;
        let params = SetAuthProfileOrderParams::read(&fields)?;
        let target = read_target(env, &fields, params.agent_dir.as_deref())?;
        Ok((params.provider, edits::clean_order(params.order.unwrap_or_default()), target))
    };
    let (provider, order, target) = match read() {
        Ok(read) => read,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
    };
    let strict = target.options.strict;
    let paths = target.paths.clone();
    let edit =
        target.submit(Box::new(move |documents| edits::set_order(documents, &provider, &order)));
    let work = async move {
        edit.await?;
        reads::store(paths).await.map_err(std::sync::Arc::new)
    };
    env.spawn_future_with_callback(async move { Ok(work.await) }, move |env, outcome| match outcome
    {
        Ok(text) => host::json_parse(env, &text).map(Some),
        Err(error) if strict => Err(to_js_error(env, &error)),
        Err(_) => Ok(None),
    })
}

/// Adds a profile or replaces one, under the store's lock, and is on disk before it resolves. Creates the store (mode
/// 0600) if there is none. A new `oauth` or `token` credential for an account that a sub-agent inherits is stored where it
/// lives, in the main agent's store, so that its sisters have it too; one of another account (another `email`,
/// `accountId` or `projectId`, or a key) becomes the sub-agent's own. A profile whose secrets are new is free at once of what rested because the old ones were
/// refused (`auth`, `auth_permanent`). Nothing else in the file changes.
///
/// The host's function of this name is synchronous and unlocked; this one must be awaited, and it rejects when the
/// credential is not stored: with the store's errors or `ERR_INVALID_ARGUMENT`. No error contains the credential.
#[napi(
    catch_unwind,
    ts_args_type = "params: UpsertAuthProfileParams & AuthProfileOptions",
    ts_return_type = "Promise<EditResult>"
)]
pub fn upsert_auth_profile<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, EditResult>> {
    let read = || {
        let fields = Fields::required(params, "params")?;
        let UpsertAuthProfileParams { agent_dir, profile_id, credential } =
            UpsertAuthProfileParams::read(&fields)?;
        check_id(&fields, &profile_id)?;
        for field in ["type", "provider"] {
            if string_field(&credential, field).is_none_or(|text| text.trim().is_empty()) {
                let name = format!("credential.{field}");
                return Err(fields.invalid(&name, "must be a string that is not empty"));
            }
        }
        check_credential(&credential, &fields.path("credential"))?;
        let credential = host::json_stringify(env, &credential)
            .map_err(|_| fields.invalid("credential", "must be plain JSON"))?;
        Ok((profile_id, credential, read_target(env, &fields, agent_dir.as_deref())?))
    };
    match read() {
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?),
        Ok((id, credential, target)) => {
            let path = target.paths.store.clone();
            let work = async move {
                let Target { paths, options } = target;
                let paths = owner_of_renewed(paths, id.clone(), credential.clone()).await;
                commit::ensure(paths.store.clone()).await.map_err(std::sync::Arc::new)?;
                let edit = Box::new(move |documents: &mut _| {
                    edits::upsert_profile(documents, &id, &credential)
                });
                Target { paths, options }.submit(edit).await
            };
            finish(env, path, work)
        }
    }
}

/// Removes a profile with its usage entry and wherever `lastGood` and `order` name it; on disk before it resolves.
///
/// Rejects with the store's errors or `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "params: RemoveAuthProfileParams & AuthProfileOptions",
    ts_return_type = "Promise<EditResult>"
)]
pub fn remove_auth_profile<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, EditResult>> {
    let read = || {
        let fields = Fields::required(params, "params")?;
        let RemoveAuthProfileParams { agent_dir, profile_id } =
            RemoveAuthProfileParams::read(&fields)?;
        check_id(&fields, &profile_id)?;
        Ok((profile_id, read_target(env, &fields, agent_dir.as_deref())?))
    };
    match read() {
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?),
        Ok((id, target)) => finish(
            env,
            target.paths.store.clone(),
            target.submit(Box::new(move |documents| edits::remove_profile(documents, &id))),
        ),
    }
}

/// Leaves a profile alone until `resumeAuthProfile`: no run asks it, whatever its windows say, not even with `force` or
/// pinned to it, in any process and after any restart. Nothing else of it changes: it goes on with the windows and counters
/// that it has, and `clearAuthProfileCooldown` does not resume it. A profile that a sub-agent inherits is paused where it
/// lives, in the main agent's store, for all who share it. It is kept among the usage, where hosts ignore it: a host's own
/// loop asks a paused profile all the same.
///
/// ```ts
/// await pauseAuthProfile({ agentDir, profileId: 'openai:work' }); // { changed: true }
/// ```
///
/// On disk before it resolves. Rejects with the store's errors or `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "params: PauseAuthProfileParams & AuthProfileOptions",
    ts_return_type = "Promise<EditResult>"
)]
pub fn pause_auth_profile<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, EditResult>> {
    let since = host::now(env)?;
    set_paused(env, params, Some(since))
}

/// Ends what `pauseAuthProfile` began: the profile may be asked again, unless one of its windows holds.
///
/// On disk before it resolves. Rejects with the store's errors or `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "params: PauseAuthProfileParams & AuthProfileOptions",
    ts_return_type = "Promise<EditResult>"
)]
pub fn resume_auth_profile<'env>(
    env: &'env Env,
    params: Unknown<'env>,
) -> napi::Result<PromiseRaw<'env, EditResult>> {
    set_paused(env, params, None)
}

fn set_paused<'env>(
    env: &'env Env,
    params: Unknown<'env>,
    since: Option<WallMs>,
) -> napi::Result<PromiseRaw<'env, EditResult>> {
    let read = || {
        let fields = Fields::required(params, "params")?;
        let PauseAuthProfileParams { agent_dir, profile_id } =
            PauseAuthProfileParams::read(&fields)?;
        check_id(&fields, &profile_id)?;
        Ok((profile_id, read_target(env, &fields, agent_dir.as_deref())?))
    };
    match read() {
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?),
        Ok((id, Target { paths, options })) => {
            let path = paths.store.clone();
            let work = async move {
                let paths = owner(paths, id.clone()).await;
                let edit =
                    Box::new(move |documents: &mut _| edits::set_paused(documents, &id, since));
                Target { paths, options }.submit(edit).await
            };
            finish(env, path, work)
        }
    }
}

/// Which store is edited, and how.
struct Target {
    paths: StorePaths,
    options: Options,
}

impl Target {
    fn submit(self, edit: Edit) -> impl Future<Output = Shared<Outcome>> + Send + 'static {
        let update = UpdateOptions {
            lock_form: self.options.lock_form,
            durability: self.options.durability.unwrap_or(Durability::Full),
        };
        commit::submit(self.paths, update, self.options.wait, edit)
    }
}

fn read_target(env: &Env, fields: &Fields<'_>, agent_dir: Option<&str>) -> Result<Target> {
    let options = options::read(fields)?;
    Ok(Target { paths: host::store_paths(env, agent_dir, options.with_state)?, options })
}

fn check_id(fields: &Fields<'_>, id: &str) -> Result<()> {
    if id.trim().is_empty() {
        return Err(fields.invalid("profileId", "must not be empty"));
    }
    Ok(())
}

fn finish(
    env: &Env,
    store: PathBuf,
    work: impl Future<Output = Shared<Outcome>> + Send + 'static,
) -> napi::Result<PromiseRaw<'_, EditResult>> {
    env.spawn_future_with_callback(async move { Ok(work.await) }, move |env, outcome| {
        let outcome = outcome.map_err(|error| to_js_error(env, &error))?;
        if outcome.is_in_place {
            warn_in_place(env, &store);
        }
        let reason = outcome.applied.err().map(|declined| declined.reason().to_owned());
        Ok(EditResult { changed: reason.is_none(), reason })
    })
}
