//! Reads properties, headers and bodies of JavaScript values that may be anything.
//!
//! Invariant: nothing here throws; what has the wrong type, or throws when it is read, is as good as absent.

use std::borrow::Cow;

use napi::bindgen_prelude::{
    ArrayBuffer, FromNapiValue, Function, JsObjectValue, JsValue, Object, Uint8Array, Unknown,
};
use napi::{Env, ValueType};

use crate::binding::values::params::{FromJs, misfit};
use crate::binding::values::value::{as_object, of_type, take_exception};
use crate::error::Result;
use crate::failure::headers_from_json;

/// A property that is neither absent nor `null`; a getter that throws counts as absent.
pub(crate) fn property<'env>(
    env: &Env,
    object: &Object<'env>,
    name: &str,
) -> Option<Unknown<'env>> {
    let Ok(value) = object.get_named_property::<Unknown<'env>>(name) else {
        // Else it would be thrown at the next return to JavaScript.
        take_exception(env);
        return None;
    };
    (!matches!(value.get_type(), Ok(ValueType::Null | ValueType::Undefined))).then_some(value)
}

/// A string property; anything else counts as absent.
pub(crate) fn text_property(env: &Env, object: &Object<'_>, name: &str) -> Option<String> {
    of_type(property(env, object, name)?, ValueType::String)
}

/// A status as a number or as digits.
#[derive(Debug, Clone, Copy)]
pub struct Status(pub(crate) u16);

impl FromJs<'_> for Status {
    fn expected() -> Cow<'static, str> {
        "must be a status".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        status_number(value).map(Self).ok_or_else(|| misfit(Self::expected()))
    }
}

/// A status as a number or as digits.
pub(crate) fn status_number(value: Unknown<'_>) -> Option<u16> {
    let number = match value.get_type().ok()? {
        ValueType::Number => of_type::<f64>(value, ValueType::Number)?,
        ValueType::String => of_type::<String>(value, ValueType::String)?.trim().parse().ok()?,
        _ => return None,
    };
    (number.fract() == 0.0 && (100.0..1000.0).contains(&number)).then_some(number as u16)
}

/// A body as bytes: text, bytes, or data that was parsed before.
pub(crate) fn read_body(env: &Env, value: Unknown<'_>) -> Option<Vec<u8>> {
    if value.get_type().ok()? == ValueType::String {
        return of_type::<String>(value, ValueType::String).map(String::into_bytes);
    }
    let object = as_object(value)?;
    if object.is_typedarray().ok()? {
        return Uint8Array::from_unknown(value).ok().map(|bytes| bytes.to_vec());
    }
    if object.is_arraybuffer().ok()? {
        return ArrayBuffer::from_unknown(value).ok().map(|bytes| bytes.to_vec());
    }
    stringify(env, value).map(String::into_bytes)
}

fn stringify(env: &Env, value: Unknown<'_>) -> Option<String> {
    let json: Object<'_> = env.get_global().ok()?.get_named_property("JSON").ok()?;
    let stringify: Function<'_, Unknown<'_>, Option<String>> =
        json.get_named_property("stringify").ok()?;
    stringify.call(value).ok().flatten()
}

/// The headers that matter, of a `Headers` object, a map, a list of pairs or a plain record. They cross as one text:
/// asking for each name and value would take longer than the classification.
pub(crate) fn read_headers(
    env: &Env,
    value: Unknown<'_>,
    also: &[String],
) -> Vec<(String, String)> {
    let Some(object) = as_object(value) else { return Vec::new() };
    let is_iterable = property(env, &object, "forEach")
        .is_some_and(|each| matches!(each.get_type(), Ok(ValueType::Function)));
    let entries = if is_iterable { from_entries(env, value) } else { None };
    stringify(env, entries.unwrap_or(value))
        .map(|text| headers_from_json(&text, also))
        .unwrap_or_default()
}

fn from_entries<'env>(env: &Env, value: Unknown<'env>) -> Option<Unknown<'env>> {
    let constructor: Unknown<'_> = env.get_global().ok()?.get_named_property("Object").ok()?;
    let from_entries: Function<'_, Unknown<'env>, Unknown<'env>> =
        constructor.coerce_to_object().ok()?.get_named_property("fromEntries").ok()?;
    from_entries.call(value).ok()
}

/// Headers behind a `get` method, as pi-ai's callers pass them.
pub(crate) struct HeaderGetter<'env> {
    holder: Object<'env>,
    get: Function<'env, String, Unknown<'env>>,
}

impl HeaderGetter<'_> {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        of_type(self.get.apply(self.holder, name.to_owned()).ok()?, ValueType::String)
    }
}

/// The getter of a `Headers` object or of a response's `headers`.
pub(crate) fn header_getter<'env>(env: &Env, value: Unknown<'env>) -> Option<HeaderGetter<'env>> {
    let object = as_object(value)?;
    let of = |holder: Object<'env>| {
        let get = Function::from_unknown(property(env, &holder, "get")?).ok()?;
        Some(HeaderGetter { holder, get })
    };
    property(env, &object, "headers").and_then(as_object).and_then(of).or_else(|| of(object))
}
