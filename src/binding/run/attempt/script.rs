//! The JavaScript of attempts: `js/attempt.js`.

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, Object};

use super::signs::sign;
use crate::binding::values::function::linked;

const SCRIPT: &str =
    concat!(include_str!("../js/attempt.js"), "//# sourceURL=auth-failover/attempt.js");

/// Its functions: `begin(run, context)` and `read(response, mostBytes)`.
pub(crate) fn attempts(env: &Env) -> napi::Result<Object<'_>> {
    linked(env, "attempts", |env| {
        type Sign<'env> = Function<'env, FnArgs<(u32, bool)>, ()>;
        let link: Function<'_, Sign<'_>, Object<'_>> = env.run_script(SCRIPT)?;
        link.call(sign(env)?)
    })
}
