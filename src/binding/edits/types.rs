//! The shapes of edits as TypeScript sees them; read field by field where they are used.

#![expect(dead_code, reason = "shapes for index.d.ts; nothing in Rust builds them but EditResult")]

use napi_derive::napi;

use crate::binding::values::profile_types::AuthProfileCredential;

/// A provider's order.
#[napi(object, object_to_js = false)]
pub struct SetAuthProfileOrderParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub provider: String,
    /// Profile ids, first choice first; `null` or empty: automatic.
    #[napi(ts_type = "string[] | null")]
    pub order: Option<Vec<String>>,
}

/// A profile to add or replace.
#[napi(object, object_to_js = false)]
pub struct UpsertAuthProfileParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub profile_id: String,
    /// Written as it is, with whatever fields it has; must be plain JSON with a `type` and a `provider`.
    // An index of `any` takes interfaces too; one of `unknown` would refuse them.
    #[napi(ts_type = "AuthProfileCredential & { [field: string]: any }")]
    pub credential: AuthProfileCredential,
}

/// A profile to remove.
#[napi(object, object_to_js = false)]
pub struct RemoveAuthProfileParams {
    /// As in marks. Default: the main agent's.
    #[napi(ts_type = "string | null")]
    pub agent_dir: Option<String>,
    pub profile_id: String,
}

/// What became of an edit.
#[napi(object, object_from_js = false)]
pub struct EditResult {
    /// The file was changed.
    pub changed: bool,
    /// Why it was not: `unknown-profile` or `nothing-to-change`.
    #[napi(ts_type = "'unknown-profile' | 'nothing-to-change'")]
    pub reason: Option<String>,
}
