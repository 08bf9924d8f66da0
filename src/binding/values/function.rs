//! Functions that JavaScript calls back, and those that are written in JavaScript.

use std::cell::RefCell;

use napi::bindgen_prelude::{
    FromNapiValue, Function, FunctionCallContext, JsValue, JsValuesTupleIntoVec, Object, ObjectRef,
    ToNapiValue, Unknown,
};
use napi::{Env, Status};

use super::value::has_exception;

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
struct Linked {
    objects: ObjectRef<false>,
    /// Those that are called often: a property of an object costs more than the call.
    functions: RefCell<Vec<(&'static str, ObjectRef<false>)>>,
}

/// What `link` makes of embedded scripts; it runs once an environment.
pub(crate) fn linked<'env>(
    env: &'env Env,
    name: &str,
    link: impl FnOnce(&'env Env) -> napi::Result<Object<'env>>,
) -> napi::Result<Object<'env>> {
    let mut all = match env.get_instance_data::<Linked>()? {
        Some(linked) => linked.objects.get_value(env)?,
        None => begin(env)?,
    };
    if let Some(functions) = all.get::<Object<'env>>(name)? {
        return Ok(functions);
    }
    let functions = link(env)?;
    all.set(name, functions)?;
    Ok(functions)
}

/// The same for a single function.
pub(crate) fn linked_function<'env, Arguments, Answer>(
    env: &'env Env,
    name: &'static str,
    link: impl FnOnce(&'env Env) -> napi::Result<Unknown<'env>>,
) -> napi::Result<Function<'env, Arguments, Answer>>
where
    Arguments: JsValuesTupleIntoVec,
    Answer: FromNapiValue,
{
    if has_exception(env) {
        // Thrown by a getter of the caller's arguments, and the caller's to see: a call would swallow it.
        return Err(napi::Error::from_status(Status::PendingException));
    }
    let known = |linked: &mut Linked| {
        let functions = linked.functions.borrow();
        let known = functions.iter().find(|(known, _)| *known == name);
        known.map(|(_, function)| function.get_value(env))
    };
    if let Some(function) = env.get_instance_data::<Linked>()?.and_then(known) {
        return Function::from_unknown(function?.to_unknown());
    }
    let function = link(env)?;
    if env.get_instance_data::<Linked>()?.is_none() {
        begin(env)?;
    }
    if let Some(linked) = env.get_instance_data::<Linked>()? {
        let kept = function.coerce_to_object()?.create_ref::<false>()?;
        linked.functions.borrow_mut().push((name, kept));
    }
    Function::from_unknown(function)
}

fn begin(env: &Env) -> napi::Result<Object<'_>> {
    let objects = Object::new(env)?;
    let linked = Linked { objects: objects.create_ref::<false>()?, functions: RefCell::default() };
    // Else each worker thread that ends would leave its references behind.
    env.set_instance_data(linked, (), |ended| {
        let Linked { objects, functions } = ended.value;
        let _ = objects.unref(&ended.env);
        for (_, function) in functions.take() {
            let _ = function.unref(&ended.env);
        }
    })?;
    Ok(objects)
}
