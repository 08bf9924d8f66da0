//! What single options of a request accept.

use std::borrow::Cow;
use std::time::Duration;

use napi::ValueType;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};

use crate::binding::values::checked::checked;
use crate::binding::values::params::{FromJs, choices, misfit};
use crate::binding::values::value::{as_object, is_nullish, of_type};
use crate::error::{Error, Result};
use crate::gemini::call::request_options::{RateLimitText, RetryMode};
use crate::gemini::call::thinking::Effort;
use crate::time::duration;

choices! {
    RetryMode:
    "none" => RetryMode::None,
    "transient" => RetryMode::Transient,
    "short" => RetryMode::Short,
}
choices! { RateLimitText: "status" => RateLimitText::Status, "quota" => RateLimitText::Quota }
choices! {
    Effort:
    "minimal" => Effort::Minimal,
    "low" => Effort::Low,
    "medium" => Effort::Medium,
    "high" => Effort::High,
    "xhigh" => Effort::High,
}

checked! {
    /// A text that is not empty.
    Filled: String => String, "must be a string that is not empty",
    |text| (!text.is_empty()).then_some(text)
}
checked! {
    /// A length of time, rounded up to whole milliseconds.
    Milliseconds: f64 => Duration, "must be milliseconds between 0 and one year",
    |ms| (0.0..=366.0 * 86_400_000.0).contains(&ms).then(|| duration(ms.ceil()))
}
checked! {
    /// Bytes.
    FrameLimit: f64 => usize, "must be at least 1",
    |bytes| (bytes >= 1.0).then_some(bytes as usize)
}

/// What JavaScript takes for true.
#[derive(Debug, Clone, Copy, Default)]
pub struct Truthy(pub bool);

impl FromJs<'_> for Truthy {
    fn expected() -> Cow<'static, str> {
        bool::expected()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        value.coerce_to_bool().map(Self).map_err(|_| misfit(Self::expected()))
    }
}

/// An array of nothing but strings.
#[derive(Debug, Clone)]
pub struct Strings(pub Vec<String>);

impl FromJs<'_> for Strings {
    fn expected() -> Cow<'static, str> {
        Vec::<String>::expected()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let list = as_object(value).filter(|list| list.is_array().unwrap_or(false));
        let list = list.ok_or_else(|| misfit(Self::expected()))?;
        let element = |index| {
            let element = list.get_element(index).ok();
            element.and_then(|element| of_type(element, ValueType::String))
        };
        let strings: Option<_> = (0..list.get_array_length().unwrap_or(0)).map(element).collect();
        strings.map(Self).ok_or_else(|| misfit(Self::expected()))
    }
}

/// One text or several.
#[derive(Debug, Clone)]
pub struct Texts(pub Vec<String>);

impl FromJs<'_> for Texts {
    fn expected() -> Cow<'static, str> {
        "must be a string or an array of strings".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let texts = match of_type(value, ValueType::String) {
            Some(text) => Some(vec![text]),
            None => Strings::from_js(value).ok().map(|strings| strings.0),
        };
        texts.map(Self).ok_or_else(|| misfit(Self::expected()))
    }
}

/// Texts by name; `null` leaves a name out.
#[derive(Debug, Clone)]
pub struct TextMap(pub Vec<(String, String)>);

impl FromJs<'_> for TextMap {
    fn expected() -> Cow<'static, str> {
        "must be an object".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let map = as_object(value).filter(|map| !map.is_array().unwrap_or(false));
        let map = map.ok_or_else(|| misfit(Self::expected()))?;
        let mut texts = Vec::new();
        for name in Object::keys(&map).unwrap_or_default() {
            let value: Option<Unknown<'_>> = map.get_named_property(&name).ok();
            let Some(value) = value.filter(|value| !is_nullish(*value)) else { continue };
            let text = of_type(value, ValueType::String);
            let problem = || Error::invalid(format!(".{name}"), String::expected());
            let text = text.ok_or_else(problem)?;
            texts.push((name, text));
        }
        Ok(Self(texts))
    }
}
