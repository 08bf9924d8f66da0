//! Reading JavaScript values with errors that name the field, and touching maps whose keys are data.
//!
//! Trap: a property read or a plain set follows the prototype chain, so a profile called `__proto__` or
//! `constructor` would reach code. Maps are read by own property and written by definition.

use napi::bindgen_prelude::{Either, FromNapiValue, JsObjectValue, JsValue, Null, Object, Unknown};
use napi::{Env, Property, PropertyAttributes, ValueType};

use crate::error::{Error, Result};

/// A parameter object and its name in error messages.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'env> {
    object: Object<'env>,
    name: &'static str,
    /// A getter that throws counts as absent; else its exception reaches the caller.
    is_lenient: bool,
}

impl<'env> Fields<'env> {
    /// The parameter must be an object.
    pub(crate) fn required(value: Unknown<'env>, name: &'static str) -> Result<Self> {
        let object = as_object(value).ok_or_else(|| Error::invalid(name, "must be an object"))?;
        Ok(Self { object, name, is_lenient: false })
    }

    /// The same, and nothing in it throws.
    pub(crate) fn lenient(value: Unknown<'env>, name: &'static str) -> Result<Self> {
        Ok(Self { is_lenient: true, ..Self::required(value, name)? })
    }

    /// The parameter must be an object, `null` or absent.
    pub(crate) fn optional(
        value: Option<Unknown<'env>>,
        name: &'static str,
    ) -> Result<Option<Self>> {
        value
            .filter(|value| !is_nullish(*value))
            .map(|value| Self::required(value, name))
            .transpose()
    }

    /// A field's value; `null` and absent are the same.
    pub(crate) fn get(&self, field: &str) -> Option<Unknown<'env>> {
        let Ok(value) = self.object.get_named_property::<Unknown<'env>>(field) else {
            if self.is_lenient {
                take_exception(&Env::from_raw(self.object.value().env));
            }
            return None;
        };
        (!is_nullish(value)).then_some(value)
    }

    pub(crate) fn invalid(&self, field: &str, problem: &str) -> Error {
        Error::invalid(self.path(field), problem)
    }

    /// Where a field stands, for errors.
    pub(crate) fn path(&self, field: &str) -> String {
        format!("{}.{field}", self.name)
    }
}

/// A property that is always there and may be `null`. (`Option` would leave the property out.)
pub(crate) type Nullable<T> = Either<T, Null>;

pub(crate) fn nullable<T>(value: Option<T>) -> Nullable<T> {
    value.map_or(Either::B(Null), Either::A)
}

/// The value as `T` if it has the expected type.
pub(crate) fn of_type<T: FromNapiValue>(value: Unknown<'_>, expected: ValueType) -> Option<T> {
    if value.get_type().ok()? != expected {
        return None;
    }
    T::from_unknown(value).ok()
}

pub(crate) fn as_object(value: Unknown<'_>) -> Option<Object<'_>> {
    (value.get_type().ok()? == ValueType::Object).then(|| value.coerce_to_object().ok())?
}

pub(crate) fn is_nullish(value: Unknown<'_>) -> bool {
    matches!(value.get_type(), Ok(ValueType::Null | ValueType::Undefined))
}

/// A number field of a stored entry; anything else counts as absent.
pub(crate) fn number_field(object: &Object<'_>, field: &str) -> Option<f64> {
    of_type(object.get_named_property(field).ok()?, ValueType::Number)
}

/// A string field of a stored entry; anything else counts as absent.
pub(crate) fn string_field(object: &Object<'_>, field: &str) -> Option<String> {
    of_type(object.get_named_property(field).ok()?, ValueType::String)
}

/// A field that is an object; anything else counts as absent.
pub(crate) fn object_field<'env>(object: &Object<'env>, field: &str) -> Option<Object<'env>> {
    as_object(object.get_named_property(field).ok()?)
}

/// A map's own entry whose value is an object.
pub(crate) fn own_object<'env>(env: &Env, map: &Object<'env>, key: &str) -> Option<Object<'env>> {
    as_object(own_value(env, map, key)?)
}

/// A map's own entry.
pub(crate) fn own_value<'env>(env: &Env, map: &Object<'env>, key: &str) -> Option<Unknown<'env>> {
    let name = env.create_string(key).ok()?;
    if !map.has_own_property_js(name).ok()? {
        return None;
    }
    map.get_property(name).ok()
}

/// Sets a map's own entry, whatever it is called.
pub(crate) fn define<'env>(
    env: &Env,
    map: &mut Object<'env>,
    key: &str,
    value: &impl JsValue<'env>,
) -> napi::Result<()> {
    let attributes = PropertyAttributes::Writable
        | PropertyAttributes::Enumerable
        | PropertyAttributes::Configurable;
    let property =
        Property::new().with_name(env, key)?.with_value(value).with_property_attributes(attributes);
    map.define_properties(&[property])
}

/// `Object.entries` with the values that are objects.
pub(crate) fn object_entries<'env>(env: &Env, map: &Object<'env>) -> Vec<(String, Object<'env>)> {
    let keys = Object::keys(map).unwrap_or_default();
    keys.into_iter().filter_map(|key| Some((key.clone(), own_object(env, map, &key)?))).collect()
}

/// The strings of an array; other elements are skipped. `None` if it is no array.
pub(crate) fn string_elements(value: Unknown<'_>) -> Option<Vec<String>> {
    let array = as_object(value)?;
    if !array.is_array().ok()? {
        return None;
    }
    let length = array.get_array_length().ok()?;
    let element = |index| of_type(array.get_element(index).ok()?, ValueType::String);
    Some((0..length).filter_map(element).collect())
}

/// Whether an exception waits. A call of a function would lose it.
#[expect(unsafe_code, reason = "napi has no safe call for it")]
pub(crate) fn has_exception(env: &Env) -> bool {
    let mut is_pending = false;
    // SAFETY: runs on the JavaScript thread of `env`; the call only writes to the variable.
    unsafe { napi::sys::napi_is_exception_pending(env.raw(), &raw mut is_pending) };
    is_pending
}

/// The exception that waits, if there is one. While it waits, hardly any call of napi's succeeds.
#[expect(unsafe_code, reason = "napi has no safe call for it")]
pub(crate) fn take_exception(env: &Env) -> Option<Unknown<'_>> {
    if !has_exception(env) {
        return None;
    }
    let mut exception = std::ptr::null_mut();
    // SAFETY: runs on the JavaScript thread of `env`; the call only writes to the variable, and the handle lives in the
    // current scope.
    unsafe {
        napi::sys::napi_get_and_clear_last_exception(env.raw(), &raw mut exception);
        Some(Unknown::from_raw_unchecked(env.raw(), exception))
    }
}
