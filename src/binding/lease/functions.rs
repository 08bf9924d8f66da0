//! `openLease`, of which `entry/handle/lease.js` makes a lease. It is not in index.d.ts.

use napi::Env;
use napi::bindgen_prelude::{JsValue, PromiseRaw, Unknown};
use napi_derive::napi;

use crate::binding::handle::whose::Given;
use crate::binding::run::driver::{Answer, Driver};
use crate::binding::run::run_params::Input;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::take_exception;

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
    let input = Input::read(env, params, given);
    if let Some(thrown) = take_exception(env) {
        return PromiseRaw::reject(env, thrown);
    }
    match input {
        Ok(input) => Driver::handing_out(input).go_on(env),
        Err(error) => PromiseRaw::reject(env, js_error_object(env, &error)?.to_unknown()),
    }
}
