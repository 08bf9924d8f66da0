//! The JavaScript of attempts: `js/attempt.js`.

use napi::Env;
use napi::bindgen_prelude::{Function, Object};

use crate::binding::values::function::linked;

const SCRIPT: &str =
    concat!(include_str!("../js/attempt.js"), "//# sourceURL=auth-failover/attempt.js");

/// Its functions: `begin(run, context)` and `read(response, mostBytes)`.
pub(crate) fn attempts(env: &Env) -> napi::Result<Object<'_>> {
    linked(env, "attempts", |env| {
        let link: Function<'_, (), Object<'_>> = env.run_script(SCRIPT)?;
        link.call(())
    })
}
