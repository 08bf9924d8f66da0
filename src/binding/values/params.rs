//! A parameter object as a struct: its interface in `index.d.ts`, and how it is read.
//!
//! ```ignore
//! /// What may be known of a success.
//! #[napi(object, object_from_js = false, object_to_js = false)]
//! pub struct MarkSuccessParams {
//!     /// When the request began.
//!     #[napi(ts_type = "number | null")]
//!     pub started_at: Option<f64>,
//! }
//! params!(MarkSuccessParams { started_at });
//!
//! let MarkSuccessParams { started_at } = MarkSuccessParams::read(&fields)?;
//! ```
//!
//! [`params!`] names the fields to read; one that is missing or does not exist does not compile. (It cannot hold the
//! struct itself: napi takes no doc comments out of a macro.) What a field accepts is its type's [`FromJs`]; names with
//! a meaning get one from [`choices!`]. Several structs may be read from one object, as `A & B` in TypeScript; one that
//! holds JavaScript values takes a lifetime, `params!(MarkAuthProfileParams<'env> { … })`. napi's own reading does not
//! serve here: it refuses `null` where a field may be left out, and its errors carry neither our code nor the field.
//!
//! Invariant: a value that does not fit is an `ERR_INVALID_ARGUMENT` that names its field. `null`, `undefined` and absent
//! are the same.

use std::borrow::Cow;

use napi::ValueType;
use napi::bindgen_prelude::{Function, FunctionRef, JsValuesTupleIntoVec, Object, Unknown};

use super::value::{Fields, as_object, is_nullish, of_type, string_elements};
use crate::error::{Error, Result};

/// A struct of [`params!`](params).
pub(crate) trait Params<'env>: Sized {
    /// The names of its fields in JavaScript.
    const FIELDS: &'static [&'static str];

    fn read(fields: &Fields<'env>) -> Result<Self>;
}

/// A parameter that may be left out: then every field is absent.
pub(crate) fn optional<'env, P: Params<'env> + Default>(
    value: Option<Unknown<'env>>,
    name: &'static str,
) -> Result<P> {
    Fields::optional(value, name)?.map_or_else(|| Ok(P::default()), |fields| P::read(&fields))
}

/// An argument that stands alone.
pub(crate) fn argument<'env, T: FromJs<'env>>(
    value: impl Into<Option<Unknown<'env>>>,
    name: &str,
) -> Result<T> {
    let value = value.into().filter(|value| !is_nullish(*value));
    value.map_or_else(T::from_absent, T::from_js).map_err(|error| error.inside(name))
}

/// What a field takes from JavaScript. Errors name no field yet; the reader puts it in front.
pub(crate) trait FromJs<'env>: Sized {
    /// `must be …`
    fn expected() -> Cow<'static, str>;

    /// The value is neither `null` nor `undefined`.
    fn from_js(value: Unknown<'env>) -> Result<Self>;

    fn from_absent() -> Result<Self> {
        Err(misfit(Self::expected()))
    }
}

/// The value does not fit; the reader knows where it stands.
pub(crate) fn misfit(problem: impl Into<Cow<'static, str>>) -> Error {
    Error::invalid("", problem.into())
}

/// Reads one field.
pub(crate) fn field<'env, T: FromJs<'env>>(fields: &Fields<'env>, name: &str) -> Result<T> {
    let value = fields.get(name);
    value.map_or_else(T::from_absent, T::from_js).map_err(|error| error.inside(&fields.path(name)))
}

/// The names of the fields that `P` reads.
pub(crate) fn keys<'env, P: Params<'env>>() -> Vec<String> {
    P::FIELDS.iter().map(|field| (*field).to_owned()).collect()
}

/// The name that napi gives a field in JavaScript, made when this is compiled: a run reads some forty fields.
pub(crate) struct CamelCase<const LONGEST: usize> {
    bytes: [u8; LONGEST],
    len: usize,
}

impl<const LONGEST: usize> CamelCase<LONGEST> {
    pub(crate) const fn of(name: &str) -> Self {
        let name = name.as_bytes();
        let (mut bytes, mut len) = ([0; LONGEST], 0);
        // `r#type`
        let mut at = if name.len() > 2 && name[1] == b'#' { 2 } else { 0 };
        let mut begins_word = false;
        while at < name.len() {
            if name[at] == b'_' {
                begins_word = true;
            } else {
                bytes[len] = if begins_word { name[at].to_ascii_uppercase() } else { name[at] };
                len += 1;
                begins_word = false;
            }
            at += 1;
        }
        Self { bytes, len }
    }

    pub(crate) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(name) => name,
            Err(_) => panic!("a field's name is ASCII"),
        }
    }
}

impl<'env, T: FromJs<'env>> FromJs<'env> for Option<T> {
    fn expected() -> Cow<'static, str> {
        T::expected()
    }

    fn from_js(value: Unknown<'env>) -> Result<Self> {
        T::from_js(value).map(Some)
    }

    fn from_absent() -> Result<Self> {
        Ok(None)
    }
}

impl FromJs<'_> for String {
    fn expected() -> Cow<'static, str> {
        "must be a string".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        of_type(value, ValueType::String).ok_or_else(|| misfit(Self::expected()))
    }
}

impl FromJs<'_> for bool {
    fn expected() -> Cow<'static, str> {
        "must be a boolean".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        of_type(value, ValueType::Boolean).ok_or_else(|| misfit(Self::expected()))
    }
}

/// A number that is neither `NaN` nor infinite.
impl FromJs<'_> for f64 {
    fn expected() -> Cow<'static, str> {
        "must be a number".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let number: Self =
            of_type(value, ValueType::Number).ok_or_else(|| misfit(Self::expected()))?;
        if number.is_finite() { Ok(number) } else { Err(misfit("must be a finite number")) }
    }
}

/// The strings of an array; other elements are skipped.
impl FromJs<'_> for Vec<String> {
    fn expected() -> Cow<'static, str> {
        "must be an array of strings".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        string_elements(value).ok_or_else(|| misfit(Self::expected()))
    }
}

impl<'env> FromJs<'env> for Object<'env> {
    fn expected() -> Cow<'static, str> {
        "must be an object".into()
    }

    fn from_js(value: Unknown<'env>) -> Result<Self> {
        as_object(value).ok_or_else(|| misfit(Self::expected()))
    }
}

/// A field of which a misfit counts as absent, as hosts read their own files. Declare it as `Option<Lenient<T>>`.
#[derive(Debug, Clone, Default)]
pub struct Lenient<T>(Option<T>);

impl<T> Lenient<T> {
    pub(crate) fn get(field: Option<Self>) -> Option<T> {
        field.and_then(|field| field.0)
    }
}

impl<'env, T: FromJs<'env>> FromJs<'env> for Lenient<T> {
    fn expected() -> Cow<'static, str> {
        T::expected()
    }

    fn from_js(value: Unknown<'env>) -> Result<Self> {
        Ok(Self(T::from_js(value).ok()))
    }
}

/// A field that TypeScript demands, and that is its type's default where a caller leaves it out all the same.
#[derive(Debug, Clone, Default)]
pub struct OrDefault<T>(pub T);

impl<'env, T: FromJs<'env> + Default> FromJs<'env> for OrDefault<T> {
    fn expected() -> Cow<'static, str> {
        T::expected()
    }

    fn from_js(value: Unknown<'env>) -> Result<Self> {
        T::from_js(value).map(Self)
    }

    fn from_absent() -> Result<Self> {
        Ok(Self::default())
    }
}

/// A function, kept for later calls.
impl<'env, Arguments: JsValuesTupleIntoVec> FromJs<'env>
    for FunctionRef<Arguments, Unknown<'static>>
{
    fn expected() -> Cow<'static, str> {
        "must be a function".into()
    }

    fn from_js(value: Unknown<'env>) -> Result<Self> {
        let function: Function<'env, Arguments, Unknown<'static>> =
            of_type(value, ValueType::Function).ok_or_else(|| misfit(Self::expected()))?;
        function.create_ref().map_err(|_| Error::Internal("FunctionRef"))
    }
}

/// Whatever it is; the reader of the struct looks closer.
impl<'env> FromJs<'env> for Unknown<'env> {
    fn expected() -> Cow<'static, str> {
        "must be given".into()
    }

    fn from_js(value: Unknown<'env>) -> Result<Self> {
        Ok(value)
    }
}

/// One of a few names.
pub(crate) fn choice<T: Copy>(value: Unknown<'_>, choices: &[(&str, T)]) -> Result<T> {
    let name = String::from_js(value)?;
    let choice = choices.iter().find(|(choice, _)| *choice == name);
    choice.map(|(_, value)| *value).ok_or_else(|| misfit(names(choices)))
}

/// `must be "a" or "b"`
pub(crate) fn names<T>(choices: &[(&str, T)]) -> String {
    let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    format!("must be {}", names.join(" or "))
}

/// Lets a type be chosen by name: `choices! { Policy: "compatible" => Policy::Compatible, … }`.
macro_rules! choices {
    ($type:ty: $($name:literal => $value:expr),+ $(,)?) => {
        impl $crate::binding::values::params::FromJs<'_> for $type {
            fn expected() -> ::std::borrow::Cow<'static, str> {
                $crate::binding::values::params::names(&[$(($name, $value)),+]).into()
            }

            fn from_js(value: ::napi::bindgen_prelude::Unknown<'_>) -> $crate::error::Result<Self> {
                $crate::binding::values::params::choice(value, &[$(($name, $value)),+])
            }
        }
    };
}
pub(crate) use choices;

macro_rules! field_name {
    ($field:ident) => {{
        const NAME: &$crate::binding::values::params::CamelCase<{ stringify!($field).len() }> =
            &$crate::binding::values::params::CamelCase::of(stringify!($field));
        const TEXT: &str = NAME.as_str();
        TEXT
    }};
}
pub(crate) use field_name;

/// See the module.
macro_rules! params {
    (@impl $env:lifetime $type:ty { $($field:ident),* }) => {
        impl<$env> $crate::binding::values::params::Params<$env> for $type {
            const FIELDS: &'static [&'static str] =
                &[$($crate::binding::values::params::field_name!($field)),*];

            fn read(
                fields: &$crate::binding::values::value::Fields<$env>,
            ) -> $crate::error::Result<Self> {
                Ok(Self {
                    $($field: $crate::binding::values::params::field(
                        fields,
                        $crate::binding::values::params::field_name!($field),
                    )?,)*
                })
            }
        }

        impl<$env> $crate::binding::values::params::FromJs<$env> for $type {
            fn expected() -> ::std::borrow::Cow<'static, str> {
                "must be an object".into()
            }

            fn from_js(value: ::napi::bindgen_prelude::Unknown<$env>) -> $crate::error::Result<Self> {
                // Without a name: who reads this as a field puts its own in front.
                let fields = $crate::binding::values::value::Fields::required(value, "")?;
                <Self as $crate::binding::values::params::Params>::read(&fields)
            }
        }
    };
    ($name:ident { $($field:ident),* $(,)? }) => {
        $crate::binding::values::params::params!(@impl 'env $name { $($field),* });
    };
    ($name:ident<$env:lifetime> { $($field:ident),* $(,)? }) => {
        $crate::binding::values::params::params!(@impl $env $name<$env> { $($field),* });
    };
}
pub(crate) use params;
