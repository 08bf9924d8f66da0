//! The status of every profile and its reason, for logs and people.

use std::collections::HashMap;

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;

use crate::background;
use crate::binding::values::host;
use crate::binding::values::js_error::{js_error_object, to_js_error};
use crate::binding::values::options;
use crate::binding::values::params::{self, params};
use crate::binding::values::value::{Nullable, nullable};
use crate::error::Result;
use crate::pool::file::FileBackend;
use crate::profiles::provider::normalize_provider_id;
use crate::profiles::status::Window;
use crate::rotation::pool_document::UnwellEndpoint;
use crate::store::accounts::reads;
use crate::store::edits::candidates::{self, Entry};
use crate::store::file::paths::StorePaths;
use crate::time::WallMs;

/// Which profiles to describe.
#[derive(Default)]
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct DescribeAuthProfilesParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    /// Default: all providers.
    #[napi(ts_type = "string | null")]
    pub provider: Option<String>,
    /// Only cooldowns that concern this model count for `state`. Default: all count.
    #[napi(ts_type = "string | null")]
    pub model: Option<String>,
    /// Default `Date.now()`.
    #[napi(ts_type = "number | null")]
    pub now: Option<f64>,
}
params!(DescribeAuthProfilesParams { agent_dir, provider, model, now });

/// One window that holds now.
#[napi(object, object_from_js = false)]
pub struct AuthProfileWindow {
    /// `null`: every model.
    #[napi(ts_type = "string | null")]
    pub model: Nullable<String>,
    /// `Date.now()` milliseconds.
    pub until: f64,
    pub remaining_ms: f64,
    /// The host's reason, for example `rate_limit`; `null` if nobody stored one.
    #[napi(ts_type = "AuthProfileFailureReason | (string & {}) | null")]
    pub reason: Nullable<String>,
    /// Where the end was stated, for example `retry-info`; `null` for a generic back-off.
    #[napi(ts_type = "HintSource | (string & {}) | null")]
    pub source: Nullable<String>,
}

/// Where one profile stands.
#[napi(object, object_from_js = false)]
pub struct AuthProfileStatus {
    pub profile_id: String,
    pub provider: String,
    /// The credential's type.
    #[napi(ts_type = "'api_key' | 'oauth' | 'token' | (string & {})")]
    pub r#type: String,
    /// Place in its provider's order, from 0: who has 0 is asked next.
    pub position: u32,
    /// `ready`: can be asked. `cooling`, `disabled`: not before `until`. `unusable`: time will not help, see `problem`. `paused`: not
    /// before somebody calls `resumeAuthProfile`.
    #[napi(ts_type = "'ready' | 'cooling' | 'disabled' | 'unusable' | 'paused'")]
    pub state: String,
    /// When it is free again; `null` if it is, or if time will not help.
    #[napi(ts_type = "number | null")]
    pub until: Nullable<f64>,
    /// Milliseconds until then; 0 if it is free.
    pub remaining_ms: f64,
    /// Why it rests: the reason of the window that ends last; `null` if it does not, or if nobody stored one.
    #[napi(ts_type = "AuthProfileFailureReason | (string & {}) | null")]
    pub reason: Nullable<String>,
    /// Where that window's end was stated; `null` for a generic back-off.
    #[napi(ts_type = "HintSource | (string & {}) | null")]
    pub source: Nullable<String>,
    /// Every window that holds now, those of other models included.
    pub windows: Vec<AuthProfileWindow>,
    /// Why the profile cannot be used; `null` if it can. `not-in-order`: an explicit order leaves it out.
    #[napi(
        ts_type = "'no-credential' | 'expired' | 'unknown-type' | 'not-in-order' | 'paused' | null"
    )]
    pub problem: Nullable<String>,
    /// Since when it is paused; `null` if it is not.
    #[napi(ts_type = "number | null")]
    pub paused_at: Nullable<f64>,
    /// Failures since the last success.
    pub error_count: f64,
    pub failure_counts: HashMap<String, f64>,
    #[napi(ts_type = "number | null")]
    pub last_used: Nullable<f64>,
    #[napi(ts_type = "number | null")]
    pub last_failure_at: Nullable<f64>,
    /// It is the one that last answered for its provider.
    pub last_good: bool,
    /// A sub-agent has it from the main agent.
    pub inherited: bool,
    /// A stored end was too far away to be true and is not believed: look at the clock.
    pub impossible_end: bool,
}

/// A provider's server that failed a moment ago: until it is tried out, nobody is asked there, whoever is ready.
#[napi(object, object_from_js = false)]
pub struct AuthProfileEndpoint {
    pub provider: String,
    /// `null`: it failed for requests that name no model.
    #[napi(ts_type = "string | null")]
    pub model: Nullable<String>,
    /// It is that of runs with a `baseUrl`, of which only a hash is kept.
    pub has_base_url: bool,
    /// `resting`: not before `until`. `on-trial`: one request tries it out, the next one if `until` is `null`.
    #[napi(ts_type = "'resting' | 'on-trial'")]
    pub state: &'static str,
    /// `Date.now()` milliseconds.
    #[napi(ts_type = "number | null")]
    pub until: Nullable<f64>,
    /// Milliseconds until then; 0 if there is no `until`.
    pub remaining_ms: f64,
    /// How many rests in a row ended in a failure.
    pub failures: u32,
}

/// Where all profiles stand.
#[napi(object, object_from_js = false)]
pub struct AuthProfilesDescription {
    /// In the order in which they would be tried, provider by provider.
    pub profiles: Vec<AuthProfileStatus>,
    /// Who can be asked next: a ready profile, else the one that is free first; `null` if time will not help.
    #[napi(ts_type = "string | null")]
    pub next_profile_id: Nullable<String>,
    /// When it can be asked: `now` for a ready one; `null` if time will not help.
    #[napi(ts_type = "number | null")]
    pub next_free_at: Nullable<f64>,
    /// Servers that rest because they failed; empty as a rule.
    pub endpoints: Vec<AuthProfileEndpoint>,
}

/// Tells for each profile where it stands in the order and why it is or is not used, and when the next one is free.
/// Reads the file without a lock and off the event loop; no secret is in the answer.
///
/// Rejects as `readAuthProfileStore` does.
#[napi(
    catch_unwind,
    ts_args_type = "params?: DescribeAuthProfilesParams | null",
    ts_return_type = "Promise<AuthProfilesDescription>"
)]
pub fn describe_auth_profiles<'env>(
    env: &'env Env,
    params: Option<Unknown<'env>>,
) -> napi::Result<PromiseRaw<'env, AuthProfilesDescription>> {
    let (request, now) = match read_request(env, params) {
        Ok(read) => read,
        Err(error) => return PromiseRaw::reject(env, js_error_object(env, &error)?),
    };
    let work = async move {
        let (paths, provider) =
            (request.paths.clone(), request.provider.as_deref().map(normalize_provider_id));
        let entries = reads::describe(request).await?;
        let unwell =
            background::run("pool", move || unwell(paths, provider.as_deref(), now)).await?;
        Ok((entries, unwell))
    };
    env.spawn_future_with_callback(async move { Ok(work.await) }, move |env, read| {
        let read = read.map_err(|error| to_js_error(env, &error));
        read.map(|(entries, unwell)| description(entries, unwell, now))
    })
}

pub(crate) fn unwell(
    paths: StorePaths,
    provider: Option<&str>,
    now: WallMs,
) -> Vec<UnwellEndpoint> {
    let stores = paths.main.into_iter().chain([paths.store]).collect();
    let mut unwell = FileBackend::beside(stores).peek(now).unwell(now);
    unwell.retain(|it| provider.is_none_or(|provider| it.endpoint.provider == provider));
    unwell
}

fn endpoint(unwell: UnwellEndpoint, now: WallMs) -> AuthProfileEndpoint {
    let until = unwell.until();
    AuthProfileEndpoint {
        state: unwell.state.name(),
        failures: unwell.failures,
        has_base_url: unwell.endpoint.base_url.is_some(),
        provider: unwell.endpoint.provider,
        model: nullable(unwell.endpoint.model),
        until: nullable(until.map(WallMs::as_ms)),
        remaining_ms: until.map_or(0.0, |until| until - now),
    }
}

fn read_request(
    env: &Env,
    params: Option<Unknown<'_>>,
) -> Result<(reads::DescribeRequest, WallMs)> {
    let given: DescribeAuthProfilesParams = params::optional(params, "params")?;
    let now = host::given_or_now(env, given.now)?;
    let with_state = options::configured().with_state;
    let request = reads::DescribeRequest {
        paths: host::store_paths(env, given.agent_dir.as_deref(), with_state)?,
        provider: given.provider,
        model: given.model,
        now,
    };
    Ok((request, now))
}

pub(crate) fn description(
    entries: Vec<Entry>,
    unwell: Vec<UnwellEndpoint>,
    now: WallMs,
) -> AuthProfilesDescription {
    let next = candidates::soonest(&entries, now).map(|(entry, at)| (entry.id.clone(), at));
    let positions = candidates::positions(&entries);
    let profiles = entries
        .into_iter()
        .zip(positions)
        .map(|(entry, position)| profile_status(entry, position, now))
        .collect();
    let (next_profile_id, next_free_at) = next.unzip();
    AuthProfilesDescription {
        profiles,
        next_profile_id: nullable(next_profile_id),
        next_free_at: nullable(next_free_at.map(WallMs::as_ms)),
        endpoints: unwell.into_iter().map(|it| endpoint(it, now)).collect(),
    }
}

fn profile_status(entry: Entry, position: u32, now: WallMs) -> AuthProfileStatus {
    let status = entry.status;
    AuthProfileStatus {
        profile_id: entry.id,
        provider: entry.provider,
        r#type: entry.kind,
        position,
        state: status.state.name().to_owned(),
        until: nullable(status.until.map(WallMs::as_ms)),
        remaining_ms: status.until.map_or(0.0, |until| until - now),
        reason: nullable(status.reason),
        source: nullable(status.source),
        windows: status.windows.into_iter().map(|window| profile_window(window, now)).collect(),
        problem: nullable(entry.unusable.map(|why| why.name().to_owned())),
        paused_at: nullable(entry.stats.failover.paused.map(WallMs::as_ms)),
        error_count: entry.stats.error_count.unwrap_or(0.0),
        failure_counts: entry.stats.failure_counts.into_iter().collect(),
        last_used: nullable(entry.stats.last_used.map(WallMs::as_ms)),
        last_failure_at: nullable(entry.stats.last_failure_at.map(WallMs::as_ms)),
        last_good: entry.is_last_good,
        inherited: entry.is_inherited,
        impossible_end: status.has_impossible_end,
    }
}

fn profile_window(window: Window, now: WallMs) -> AuthProfileWindow {
    AuthProfileWindow {
        model: nullable(window.model),
        until: window.until.as_ms(),
        remaining_ms: window.until - now,
        reason: nullable(window.reason),
        source: nullable(window.source),
    }
}
