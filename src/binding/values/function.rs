//! Functions that JavaScript calls back, and those that are written in JavaScript.

use napi::Env;
use napi::bindgen_prelude::{FunctionCallContext, Object, ObjectRef, ToNapiValue};

/// Sets a function.
pub(crate) fn define<Answer: ToNapiValue>(
    env: &Env,
    object: &mut Object<'_>,
    name: &str,
    function: impl Fn(FunctionCallContext<'_>) -> napi::Result<Answer> + 'static,
) -> napi::Result<()> {
    object.set(name, env.create_function_from_closure::<(), Answer, _>(name, function)?)
}

/// What the linked scripts gave, by name: the instance data of an environment (thread), of which there is one.
struct Linked(ObjectRef<false>);

/// What `link` makes of embedded scripts; it runs once an environment.
pub(crate) fn linked<'env>(
    env: &'env Env,
    name: &str,
    link: impl FnOnce(&'env Env) -> napi::Result<Object<'env>>,
) -> napi::Result<Object<'env>> {
    let mut all = match env.get_instance_data::<Linked>()? {
        Some(Linked(all)) => all.get_value(env)?,
        None => begin(env)?,
    };
    if let Some(functions) = all.get::<Object<'env>>(name)? {
        return Ok(functions);
    }
    let functions = link(env)?;
    all.set(name, functions)?;
    Ok(functions)
}

fn begin(env: &Env) -> napi::Result<Object<'_>> {
    let all = Object::new(env)?;
    // Else each worker thread that ends would leave its reference behind.
    env.set_instance_data(Linked(all.create_ref::<false>()?), (), |ended| {
        let _ = ended.value.0.unref(&ended.env);
    })?;
    Ok(all)
}
