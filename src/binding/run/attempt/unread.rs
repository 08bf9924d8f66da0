//! Streams that a function returns unread.
//!
//! Many SDKs give a stream at once and ask the server later. Such an attempt "answers" before it has asked, so what fails
//! in it is not seen: no other account is asked. One warning for each kind of stream says so.
//!
//! Trap: the streams of the AI SDK are getters, and each reading of one splits the stream. They are not read here.

use napi::bindgen_prelude::{Function, JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use crate::binding::failure::properties::{property, text_property};
use crate::binding::values::value::{as_object, take_exception};

/// Where the AI SDK keeps the streams of a result.
const STREAMS: [&str; 2] = ["textStream", "fullStream"];
/// A stream with a promise of its end begins by itself, and is made before anything was sent.
const ENDS: [&str; 6] =
    ["finalMessage", "finalChatCompletion", "finalResponse", "finalText", "finalContent", "result"];

/// The longest name that is shown.
const LONGEST_NAME: usize = 60;

/// The name of an unread stream. `is_promised`: it came by a promise, so the function has waited for something, as a rule
/// for the server's response.
pub(crate) fn unread_stream(env: &Env, value: Unknown<'_>, is_promised: bool) -> Option<String> {
    let object = as_object(value)?;
    let is_result = STREAMS.iter().any(|name| has(env, &object, name));
    if !is_result {
        let is_stream = is_function(env, &object, "getReader") || is_iterable(env, &object);
        let is_lazy = !is_promised || ENDS.iter().any(|name| is_function(env, &object, name));
        if !is_stream || !is_lazy {
            return None;
        }
    }
    Some(name_of(env, &object).unwrap_or_else(|| {
        if is_result { "result with a textStream" } else { "async iterable" }.to_owned()
    }))
}

fn has(env: &Env, object: &Object<'_>, name: &str) -> bool {
    object.has_named_property(name).unwrap_or_else(|_| {
        take_exception(env);
        false
    })
}

fn is_function(env: &Env, object: &Object<'_>, name: &str) -> bool {
    property(env, object, name)
        .is_some_and(|value| matches!(value.get_type(), Ok(ValueType::Function)))
}

fn is_iterable(env: &Env, object: &Object<'_>) -> bool {
    let iterator = || {
        let symbol: Unknown<'_> = env.get_global()?.get_named_property("Symbol")?;
        let key: Unknown<'_> = symbol.coerce_to_object()?.get_named_property("asyncIterator")?;
        object.get_property::<_, Unknown<'_>>(key)?.get_type()
    };
    matches!(iterator(), Ok(ValueType::Function)) || {
        take_exception(env);
        false
    }
}

/// The name of its class, or what the language itself calls it.
fn name_of(env: &Env, object: &Object<'_>) -> Option<String> {
    let class = property(env, object, "constructor")
        .filter(|class| matches!(class.get_type(), Ok(ValueType::Function)))
        .and_then(|class| class.coerce_to_object().ok())
        .and_then(|class| text_property(env, &class, "name"))
        .filter(|name| !name.is_empty() && name != "Object");
    let name = class.or_else(|| tag(env, object))?;
    Some(name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect())
}

fn tag(env: &Env, object: &Object<'_>) -> Option<String> {
    let text = || {
        let class: Unknown<'_> = env.get_global()?.get_named_property("Object")?;
        let prototype: Object<'_> = class.coerce_to_object()?.get_named_property("prototype")?;
        let to_text: Function<'_, (), String> = prototype.get_named_property("toString")?;
        to_text.apply(*object, ())
    };
    let Ok(text) = text() else {
        take_exception(env);
        return None;
    };
    let name = text.strip_prefix("[object ")?.strip_suffix(']')?;
    (name != "Object").then(|| name.to_owned())
}
