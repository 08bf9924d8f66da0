//! What edits take and tell.

use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::binding::values::params::params;

/// A provider's order.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct SetAuthProfileOrderParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub provider: String,
    /// Profile ids, first choice first; `null` or empty: automatic.
    #[napi(ts_type = "string[] | null")]
    pub order: Option<Vec<String>>,
}
params!(SetAuthProfileOrderParams { agent_dir, provider, order });

/// A profile to add or replace.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct UpsertAuthProfileParams<'env> {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub profile_id: String,
    /// Written as it is, with whatever fields it has; must be plain JSON with a `type` and a `provider`.
    #[napi(ts_type = "StoredCredential & { provider: string }")]
    pub credential: Object<'env>,
}
params!(UpsertAuthProfileParams<'env> { agent_dir, profile_id, credential });

/// A profile to remove.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct RemoveAuthProfileParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub profile_id: String,
}
params!(RemoveAuthProfileParams { agent_dir, profile_id });

/// A profile to leave alone, or no longer.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct PauseAuthProfileParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub profile_id: String,
}
params!(PauseAuthProfileParams { agent_dir, profile_id });

/// What became of an edit.
#[napi(object, object_from_js = false)]
pub struct EditResult {
    /// The file was changed.
    pub changed: bool,
    /// Why it was not: `unknown-profile` or `nothing-to-change`.
    #[napi(ts_type = "'unknown-profile' | 'nothing-to-change'")]
    pub reason: Option<String>,
}
