//! Reads the caller's own rules from JavaScript. They are checked in `failure::given_rules`, as are those from files.

use std::borrow::Cow;

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use super::properties::property;
use crate::binding::values::params::FromJs;
use crate::binding::values::value::{as_object, of_type};
use crate::error::{Error, Result};
use crate::failure::given_rules::{self, Given, MOST_RULES};
use crate::failure::own_rules::OwnRule;
use crate::profiles::provider::normalize_provider_id;

/// A list, its rules, their halves, a field, the statuses in it.
const MAX_DEPTH: usize = 5;

/// The rules of a call.
#[derive(Debug, Clone)]
pub struct OwnRules(pub(crate) Vec<OwnRule>);

impl FromJs<'_> for OwnRules {
    fn expected() -> Cow<'static, str> {
        "must be an array of rules".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        read(Some(value), "").map(Self)
    }
}

/// Reads `rules`; absent is none. `name` is the field's, for errors.
pub(crate) fn read(value: Option<Unknown<'_>>, name: &str) -> Result<Vec<OwnRule>> {
    let given = value.map_or(Given::Absent, |value| given(value, MAX_DEPTH));
    given_rules::read(&given, name, normalize_provider_id)
        .map_err(|wrong| Error::invalid(wrong.field, wrong.problem))
}

/// What a getter that throws would give is as good as absent.
fn given(value: Unknown<'_>, depth: usize) -> Given {
    let read = match value.get_type() {
        Ok(ValueType::Null | ValueType::Undefined) => Some(Given::Absent),
        Ok(ValueType::Boolean) => of_type(value, ValueType::Boolean).map(Given::Bool),
        Ok(ValueType::Number) => of_type(value, ValueType::Number).map(Given::Number),
        Ok(ValueType::String) => of_type(value, ValueType::String).map(Given::Text),
        Ok(ValueType::Object) if depth > 0 => as_object(value).map(|it| of_object(&it, depth - 1)),
        _ => None,
    };
    read.unwrap_or(Given::Other)
}

fn of_object(object: &Object<'_>, depth: usize) -> Given {
    if object.is_array().unwrap_or(false) {
        let most = u32::try_from(MOST_RULES).unwrap_or(u32::MAX).saturating_add(1);
        let count = object.get_array_length().unwrap_or(0).min(most);
        let item = |index| object.get_element(index).map_or(Given::Absent, |it| given(it, depth));
        return Given::List((0..count).map(item).collect());
    }
    let env = Env::from_raw(object.value().env);
    let member = |key: String| {
        let value = property(&env, object, &key).map_or(Given::Absent, |it| given(it, depth));
        (key, value)
    };
    Given::Object(Object::keys(object).unwrap_or_default().into_iter().map(member).collect())
}
