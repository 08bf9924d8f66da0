//! Links the JavaScript half of the streams with its native half, once per environment (thread).
//!
//! Protocol: each script in `js/` is a function; what the last one returns is kept with the environment. It calls back
//! through one `native` object: `open(call)` starts a request and gives its session, `build(call)` only builds one,
//! `codeOf` and `warnPlainText` are what their names say, `operations` has the number of each operation, and `modelKeys`
//! and `optionKeys` name what the structs of a call read.
//!
//! Why JavaScript makes the event objects and not napi: measured as one batch of 64 text deltas, release build, Node 20,
//! median of seven rounds in one run, 3.9 us an event by napi against 0.6 us here (6.5 times), because each property set
//! crosses the boundary. With the message that grows beside them it is 266 us against 0.95 us: JavaScript appends to a rope,
//! while napi can only read the whole text, copy it and set it again.

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, Unknown};

use super::operation::Operation;
use super::types::{GeminiCliModel, GeminiCliOptions, GeminiCliReasoningOptions};
use super::{build, errors, handle};
use crate::binding::values::function::{define, linked};
use crate::binding::values::params::keys;

const MESSAGE_STREAM: &str =
    concat!(include_str!("js/message_stream.js"), "//# sourceURL=auth-failover/message_stream.js");
const COLLECT_CALL: &str =
    concat!(include_str!("js/collect_call.js"), "//# sourceURL=auth-failover/collect_call.js");

/// Calls one of the linked functions with the caller's own arguments.
pub(crate) fn call<'env>(
    env: &'env Env,
    name: &str,
    model: Unknown<'env>,
    context: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<Unknown<'env>> {
    type Arguments<'env> = FnArgs<(Unknown<'env>, Unknown<'env>, Option<Unknown<'env>>)>;
    let function: Function<'_, Arguments<'env>, Unknown<'env>> =
        linked(env, "calls", link)?.get_named_property(name)?;
    function.call(FnArgs { data: (model, context, options) })
}

/// The functions of `js/collect_call.js`.
fn link(env: &Env) -> napi::Result<Object<'_>> {
    let native = native(env)?;
    let message_stream: Function<'_, Object<'_>, Unknown<'_>> = env.run_script(MESSAGE_STREAM)?;
    let class = message_stream.call(native)?;
    let calls: Function<'_, FnArgs<(Object<'_>, Unknown<'_>)>, Object<'_>> =
        env.run_script(COLLECT_CALL)?;
    calls.call(FnArgs { data: (native, class) })
}

fn native(env: &Env) -> napi::Result<Object<'_>> {
    let mut native = Object::new(env)?;
    define(env, &mut native, "open", |it| handle::open(it.env, &it.get(0)?))?;
    define(env, &mut native, "build", |it| build::build(it.env, &it.get(0)?))?;
    define(env, &mut native, "codeOf", |it| Ok(errors::code_of(&it.get(0)?)))?;
    define(env, &mut native, "warnPlainText", |it| errors::warn(it.env, it.get(0)?))?;
    let mut operations = Object::new(env)?;
    for (name, number) in Operation::table() {
        operations.set(name, u32::from(number))?;
    }
    native.set("operations", operations)?;
    native.set("modelKeys", keys::<GeminiCliModel>())?;
    let options = [keys::<GeminiCliOptions<'_>>(), keys::<GeminiCliReasoningOptions>()];
    native.set("optionKeys", options.concat())?;
    Ok(native)
}
