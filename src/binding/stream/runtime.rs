//! Links the JavaScript half of the streams with its native half, once per environment (thread).
//!
//! Protocol: each script in `js/` is a function; what the last one returns is kept as the environment's instance data.
//! It calls back through one `native` object: `open(call)` starts a request and gives its session, `build(call)` only
//! builds one, `codeOf` and `warnPlainText` are what their names say, and `operations` has the number of each operation.

use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, ObjectRef, Unknown};

use super::operation::Operation;
use super::{build, errors, handle};
use crate::binding::values::function::define;

const MESSAGE_STREAM: &str =
    concat!(include_str!("js/message_stream.js"), "//# sourceURL=auth-failover/message_stream.js");
const COLLECT_CALL: &str =
    concat!(include_str!("js/collect_call.js"), "//# sourceURL=auth-failover/collect_call.js");

/// The functions of `js/collect_call.js`.
struct Linked(ObjectRef<false>);

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
        linked(env)?.get_named_property(name)?;
    function.call(FnArgs { data: (model, context, options) })
}

fn linked(env: &Env) -> napi::Result<Object<'_>> {
    if let Some(Linked(functions)) = env.get_instance_data::<Linked>()? {
        return functions.get_value(env);
    }
    let native = native(env)?;
    let message_stream: Function<'_, Object<'_>, Unknown<'_>> = env.run_script(MESSAGE_STREAM)?;
    let class = message_stream.call(native)?;
    let calls: Function<'_, FnArgs<(Object<'_>, Unknown<'_>)>, Object<'_>> =
        env.run_script(COLLECT_CALL)?;
    let functions = calls.call(FnArgs { data: (native, class) })?;
    let linked = Linked(functions.create_ref::<false>()?);
    // Else each worker thread that ends would leave its reference behind.
    env.set_instance_data(linked, (), |ended| {
        let _ = ended.value.0.unref(&ended.env);
    })?;
    Ok(functions)
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
    Ok(native)
}
