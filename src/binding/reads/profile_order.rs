//! Who is next: the host's readers of order and providers, over the passed object only.

use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};
use napi_derive::napi;

use crate::binding::values::host;
use crate::binding::values::host_config::{belongs_to, listed_order};
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::{self, Params, params};
use crate::binding::values::passed_store::read_stats;
use crate::binding::values::value::{
    Fields, number_field, object_entries, object_field, own_object, string_field,
};
use crate::error::{Error, Result};
use crate::profiles::credential::{Credential, filled_fields};
use crate::profiles::order::{self, Candidate, Kind};
use crate::profiles::provider::normalize_provider_id;
use crate::time::WallMs;

/// What the order depends on.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct ResolveAuthProfileOrderParams<'env> {
    /// The host's configuration; `auth.order` and `auth.profiles` are read.
    #[napi(ts_type = "AuthFailoverHostConfig | null")]
    pub cfg: Option<Object<'env>>,
    #[napi(ts_type = "AuthProfileStore")]
    pub store: Object<'env>,
    pub provider: String,
    /// Goes first if it can be used at all, even while it cools.
    #[napi(ts_type = "string | null")]
    pub preferred_profile: Option<String>,
    /// Only cooldowns for this model count. Default: all count.
    #[napi(ts_type = "string | null")]
    pub for_model: Option<String>,
}
params!(ResolveAuthProfileOrderParams<'env> { cfg, store, provider, preferred_profile, for_model });

/// The ids of a provider's profiles, in the order of the store. Provider names are compared as the host does:
/// trimmed, lower case, with its aliases.
///
/// Throws `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "store: AuthProfileStore, provider: string",
    ts_return_type = "string[]"
)]
pub fn list_profiles_for_provider(
    env: &Env,
    store: Unknown<'_>,
    provider: Unknown<'_>,
) -> napi::Result<Vec<String>> {
    let arguments = || {
        let store = Fields::required(store, "store")?;
        let provider: String = params::argument(provider, "provider")?;
        Ok((params::field(&store, "profiles")?, provider))
    };
    let (profiles, provider) = arguments().map_err(|error: Error| to_js_error(env, &error))?;
    Ok(profiles_of(env, &profiles, &normalize_provider_id(&provider)))
}

/// In which order to try a provider's profiles.
///
/// An explicit order (the store's, else `cfg.auth.order`) is kept; without one, `oauth` goes before `token` before
/// `api_key`, and within a type who was used longest ago. Profiles that cool go last, soonest free first;
/// `preferredProfile` goes first even then. Profiles that are paused or have no usable credential are left out. With `forModel`, only
/// cooldowns that concern that model count.
///
/// Throws `ERR_INVALID_ARGUMENT`.
#[napi(
    catch_unwind,
    ts_args_type = "params: ResolveAuthProfileOrderParams",
    ts_return_type = "string[]"
)]
pub fn resolve_auth_profile_order(env: &Env, params: Unknown<'_>) -> napi::Result<Vec<String>> {
    let now = host::now(env)?;
    order_of(env, params, now).map_err(|error| to_js_error(env, &error))
}

fn profiles_of(env: &Env, profiles: &Object<'_>, provider: &str) -> Vec<String> {
    object_entries(env, profiles)
        .into_iter()
        .filter(|(_, profile)| belongs_to(profile, provider))
        .map(|(id, _)| id)
        .collect()
}

fn order_of(env: &Env, params: Unknown<'_>, now: WallMs) -> Result<Vec<String>> {
    let fields = Fields::required(params, "params")?;
    let params = ResolveAuthProfileOrderParams::read(&fields)?;
    let store = params.store;
    let profiles = object_field(&store, "profiles")
        .ok_or_else(|| fields.invalid("store.profiles", "must be an object"))?;
    let provider = normalize_provider_id(&params.provider);
    let auth = params.cfg.and_then(|cfg| object_field(&cfg, "auth"));
    let configured = auth.and_then(|auth| object_field(&auth, "profiles"));
    let explicit = listed_order(&store, &provider)
        .or_else(|| auth.and_then(|auth| listed_order(&auth, &provider)));

    let is_explicit = explicit.as_ref().is_some_and(|order| !order.is_empty());
    let base = explicit.unwrap_or_else(|| {
        let listed = configured.map(|map| profiles_of(env, &map, &provider)).unwrap_or_default();
        if listed.is_empty() { profiles_of(env, &profiles, &provider) } else { listed }
    });
    let candidates = base
        .into_iter()
        .filter_map(|id| {
            let profile = own_object(env, &profiles, &id).filter(|p| belongs_to(p, &provider))?;
            let kind = usable_kind(&profile, now)?;
            let config = configured.and_then(|map| own_object(env, &map, &id));
            if config.is_some_and(|config| !config_admits(&config, kind, &provider)) {
                return None;
            }
            let stats = read_stats(env, &store, &id);
            if stats.failover.paused.is_some() {
                return None;
            }
            Some(Candidate { id, kind, stats })
        })
        .collect();
    let (preferred, model) = (params.preferred_profile.as_deref(), params.for_model.as_deref());
    Ok(order::resolve(candidates, is_explicit, preferred, model, now))
}

/// The credential's type if it holds what that type needs.
fn usable_kind(profile: &Object<'_>, now: WallMs) -> Option<Kind> {
    let credential = Credential {
        kind: Kind::parse(&string_field(profile, "type")?),
        provider: String::new(),
        filled: filled_fields(
            |field| string_field(profile, field),
            |field| object_field(profile, field).is_some(),
        ),
        expires: number_field(profile, "expires").map(WallMs::new),
    };
    credential.usable(now).ok()
}

/// Whether the configuration lets this profile be used as what it is.
fn config_admits(config: &Object<'_>, kind: Kind, provider: &str) -> bool {
    let mode = string_field(config, "mode").and_then(|mode| Kind::parse(&mode));
    belongs_to(config, provider)
        && (mode == Some(kind) || (mode == Some(Kind::Oauth) && kind == Kind::Token))
}
