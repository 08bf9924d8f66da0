//! `openLease`, of which `entry/handle/lease.js` makes a lease. It is not in index.d.ts.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use crate::binding::handle::whose::Given;
use crate::binding::run::driver::{Answer, Driver};
use crate::binding::run::functions::begin;

/// Begins a run whose attempts are handed out: resolves with the first one's context, or rejects as
/// `runWithAuthProfiles` does; see `run/driver/held.rs`. `run` is called before each attempt and is there for its turn only.
#[napi(catch_unwind, skip_typescript)]
pub fn open_lease<'env>(env: &'env Env, params: Unknown<'env>) -> napi::Result<Answer<'env>> {
    begin_lease(env, params, None)
}

/// The same for accounts that a handle holds.
pub(crate) fn begin_lease<'env>(
    env: &'env Env,
    params: Unknown<'env>,
    given: Option<&Given>,
) -> napi::Result<Answer<'env>> {
    begin(env, params, given, Driver::handing_out)
}
