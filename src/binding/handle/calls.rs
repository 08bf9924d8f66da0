//! What the calls of a handle take, and nothing else.

use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};
use napi_derive::napi;

use super::functions::{DescribeParams, RestParams};
use super::known::Known;
use super::options::{self, OF_ONE_CALL};
use crate::binding::run::types::Functions;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::{FromJs, Params, choices};
use crate::binding::watch::types::WatchAuthProfilesParams;

#[derive(Debug, Clone, Copy)]
enum Call {
    Run,
    Lease,
    Middleware,
    Describe,
    Rest,
    Watch,
}
choices! {
    Call:
    "run" => Call::Run,
    "lease" => Call::Lease,
    "middleware" => Call::Middleware,
    "describe" => Call::Describe,
    "rest" => Call::Rest,
    "watch" => Call::Watch,
}

const OF_THE_HANDLE: [&str; 5] = ["provider", "agentDir", "profiles", "name", "state"];

impl Call {
    fn known(self) -> Known {
        let names: Vec<&'static str> = match self {
            Self::Run => options::of_runs()
                .chain(OF_ONE_CALL)
                .chain(Functions::FIELDS.iter().copied())
                .collect(),
            Self::Lease | Self::Middleware => {
                options::of_runs().chain(OF_ONE_CALL).chain(["onEvent"]).collect()
            }
            Self::Describe => DescribeParams::FIELDS.to_vec(),
            Self::Rest => RestParams::FIELDS.to_vec(),
            Self::Watch => WatchAuthProfilesParams::FIELDS.to_vec(),
        };
        let advice = "is of the handle: give it to createFailover";
        let names = names.into_iter().filter(|name| !OF_THE_HANDLE.contains(name)).collect();
        Known { names, misplaced: &OF_THE_HANDLE, advice }
    }
}

/// Throws `ERR_INVALID_ARGUMENT` for what a call of a handle does not take.
#[napi(catch_unwind, skip_typescript)]
pub fn check_call(env: &Env, call: Unknown<'_>, params: Unknown<'_>) -> napi::Result<()> {
    let check = || {
        let params = Object::from_js(params).map_err(|error| error.inside("params"))?;
        Call::from_js(call)?.known().only(&params, "params")
    };
    check().map_err(|error| to_js_error(env, &error))
}
