//! Rules of the caller's own, read and checked before anything is judged by them.
//!
//! Invariant: a rule that says nothing, or that cannot be read, is an `ERR_INVALID_ARGUMENT` that names its field. A rule
//! that is silently ignored would be trusted.

use napi::ValueType;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};

use crate::binding::values::value::{as_object, is_nullish, of_type};
use crate::error::{Error, Result};
use crate::failure::own_rules::{HeaderPattern, OwnRule, Pattern, Then, When};
use crate::failure::{Class, PLAUSIBLE_MS, Scope};
use crate::profiles::provider::normalize_provider_id;

/// Nobody needs more, and each is compared with every failure.
const MOST_RULES: u32 = 1_000;
/// A wait beyond this is a mistake in the unit.
const LONGEST_WAIT_MS: f64 = PLAUSIBLE_MS as f64;

/// Reads `rules`; absent is none. `name` is the field's, for errors.
pub(crate) fn read(value: Option<Unknown<'_>>, name: &str) -> Result<Vec<OwnRule>> {
    let Some(value) = value.filter(|value| !is_nullish(*value)) else { return Ok(Vec::new()) };
    let list = as_object(value).filter(|list| list.is_array().unwrap_or(false));
    let list = list.ok_or_else(|| Error::invalid(name, "must be an array of rules"))?;
    let count = list.get_array_length().unwrap_or(0);
    if count > MOST_RULES {
        return Err(Error::invalid(name, format!("must hold at most {MOST_RULES} rules")));
    }
    (0..count).map(|index| read_rule(&list, index, &format!("{name}[{index}]"))).collect()
}

fn read_rule(list: &Object<'_>, index: u32, name: &str) -> Result<OwnRule> {
    let rule = Part::of(list.get_element::<Unknown<'_>>(index).ok(), name)?;
    rule.only(&["when", "then"])?;
    let when = Part::of(rule.get("when"), &format!("{name}.when"))?;
    when.only(&["status", "provider", "code", "text", "header"])?;
    let then = Part::of(rule.get("then"), &format!("{name}.then"))?;
    then.only(&["class", "scope", "rotate", "retryAfterMs"])?;
    let rule = OwnRule { when: read_when(&when)?, then: read_then(&then)? };
    if rule.when == When::default() {
        return Err(Error::invalid(when.name, "must hold at least one condition"));
    }
    if rule.then == Then::default() {
        return Err(Error::invalid(then.name, "must say at least one thing"));
    }
    Ok(rule)
}

fn read_when(when: &Part<'_>) -> Result<When> {
    let provider = when.filled("provider")?;
    let header = when.filled("header")?.map(|text| {
        HeaderPattern::new(&text)
            .ok_or_else(|| when.invalid("header", "must be \"name\" or \"name: value\""))
    });
    Ok(When {
        status: when.statuses()?,
        provider: provider.map(|provider| normalize_provider_id(&provider)),
        code: when.pattern("code")?,
        text: when.pattern("text")?,
        header: header.transpose()?,
    })
}

fn read_then(then: &Part<'_>) -> Result<Then> {
    let class = then.filled("class")?.map(|name| {
        Class::from_name(&name).ok_or_else(|| then.invalid("class", "is not a class of a failure"))
    });
    let scope = then.filled("scope")?.map(|name| {
        Scope::from_name(&name).ok_or_else(|| then.invalid("scope", "is not a scope of a failure"))
    });
    let is_wait = |ms: &f64| (0.0..=LONGEST_WAIT_MS).contains(ms);
    let wait = match then.typed::<f64>("retryAfterMs", ValueType::Number, "a number")? {
        Some(ms) if !is_wait(&ms) => {
            return Err(then.invalid("retryAfterMs", "must be milliseconds, from 0 to 35 days"));
        }
        wait => wait.map(|ms| ms.ceil() as u64),
    };
    Ok(Then {
        class: class.transpose()?,
        scope: scope.transpose()?,
        rotate: then.typed("rotate", ValueType::Boolean, "true or false")?,
        retry_after_ms: wait,
    })
}

/// An object of a rule, with the path to it.
struct Part<'env> {
    object: Object<'env>,
    name: String,
}

impl<'env> Part<'env> {
    fn of(value: Option<Unknown<'env>>, name: &str) -> Result<Self> {
        let object = value.and_then(as_object).filter(|it| !it.is_array().unwrap_or(false));
        let object = object.ok_or_else(|| Error::invalid(name, "must be an object"))?;
        Ok(Self { object, name: name.to_owned() })
    }

    fn invalid(&self, field: &str, problem: &str) -> Error {
        Error::invalid(format!("{}.{field}", self.name), problem)
    }

    /// A misspelled condition would make a rule fit where it should not.
    fn only(&self, fields: &[&str]) -> Result<()> {
        let keys = Object::keys(&self.object).unwrap_or_default();
        match keys.iter().find(|key| !fields.contains(&key.as_str())) {
            Some(key) => {
                let problem = format!("is not known; there are {}", fields.join(", "));
                Err(self.invalid(&crate::failure::redact::redact_to(key, 40), &problem))
            }
            None => Ok(()),
        }
    }

    fn get(&self, field: &str) -> Option<Unknown<'env>> {
        let value: Unknown<'env> = self.object.get_named_property(field).ok()?;
        (!is_nullish(value)).then_some(value)
    }

    fn typed<T: napi::bindgen_prelude::FromNapiValue>(
        &self,
        field: &str,
        kind: ValueType,
        what: &str,
    ) -> Result<Option<T>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let read = of_type(value, kind);
        read.map(Some).ok_or_else(|| self.invalid(field, &format!("must be {what}")))
    }

    fn filled(&self, field: &str) -> Result<Option<String>> {
        let text: Option<String> = self.typed(field, ValueType::String, "a string")?;
        match text {
            Some(text) if text.trim().is_empty() => Err(self.invalid(field, "must not be empty")),
            text => Ok(text),
        }
    }

    fn pattern(&self, field: &str) -> Result<Option<Pattern>> {
        let Some(text) = self.filled(field)? else { return Ok(None) };
        let pattern = Pattern::new(&text);
        pattern.map(Some).ok_or_else(|| self.invalid(field, "must name more than *"))
    }

    /// One status, or a list of them.
    fn statuses(&self) -> Result<Vec<u16>> {
        let Some(value) = self.get("status") else { return Ok(Vec::new()) };
        let status = |value: Unknown<'_>| {
            let number: f64 = of_type(value, ValueType::Number)?;
            (number.fract() == 0.0 && (100.0..600.0).contains(&number)).then_some(number as u16)
        };
        let wrong =
            || self.invalid("status", "must be a status from 100 to 599, or a list of them");
        match as_object(value).filter(|list| list.is_array().unwrap_or(false)) {
            None => Ok(vec![status(value).ok_or_else(wrong)?]),
            Some(list) => {
                let count = list.get_array_length().unwrap_or(0);
                let elements =
                    (0..count).map(|index| list.get_element(index).ok().and_then(status));
                let all: Option<Vec<u16>> = elements.collect();
                all.filter(|all| !all.is_empty()).ok_or_else(wrong)
            }
        }
    }
}
