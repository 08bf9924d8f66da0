//! Functions that JavaScript calls back.

use napi::Env;
use napi::bindgen_prelude::{FunctionCallContext, Object, ToNapiValue};

/// Sets a function.
pub(crate) fn define<Answer: ToNapiValue>(
    env: &Env,
    object: &mut Object<'_>,
    name: &str,
    function: impl Fn(FunctionCallContext<'_>) -> napi::Result<Answer> + 'static,
) -> napi::Result<()> {
    object.set(name, env.create_function_from_closure::<(), Answer, _>(name, function)?)
}
