//! Reads a caller's object field by field, so that a wrong one is named.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::time::duration;

/// An object of the caller, with the name under which the caller knows it.
#[derive(Debug)]
pub(crate) struct Fields {
    name: String,
    map: Map<String, Value>,
}

impl Fields {
    /// Reads an object.
    pub(crate) fn parse(name: &str, json: &str) -> Result<Self> {
        match serde_json::from_str(json) {
            Ok(Value::Object(map)) => Ok(Self { name: name.to_owned(), map }),
            Ok(_) => Err(Error::invalid(name, "must be an object")),
            Err(_) => Err(Error::invalid(name, "must not hold a lone surrogate")),
        }
    }

    pub(crate) fn object(&self, key: &str) -> Result<Option<Self>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(map)) => {
                Ok(Some(Self { name: self.name_of(key), map: map.clone() }))
            }
            Some(_) => Err(self.wrong(key, "must be an object")),
        }
    }

    pub(crate) fn string(&self, key: &str) -> Result<Option<String>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(key, "must be a string")),
        }
    }

    pub(crate) fn strings(&self, key: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let items =
            value.as_array().ok_or_else(|| self.wrong(key, "must be an array of strings"))?;
        items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| self.wrong(key, "must be an array of strings"))
    }

    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => {
                value.as_f64().map(Some).ok_or_else(|| self.wrong(key, "must be a number"))
            }
        }
    }

    /// A duration in milliseconds, rounded up: a number of at least 0, at most a year.
    pub(crate) fn duration(&self, key: &str) -> Result<Option<Duration>> {
        const YEAR_MS: f64 = 366.0 * 86_400_000.0;
        match self.number(key)? {
            None => Ok(None),
            Some(ms) if (0.0..=YEAR_MS).contains(&ms) => Ok(Some(duration(ms.ceil()))),
            Some(_) => Err(self.wrong(key, "must be milliseconds between 0 and one year")),
        }
    }

    /// `true` only for a value that JavaScript takes for true.
    pub(crate) fn truthy(&self, key: &str) -> bool {
        match self.get(key) {
            None | Some(Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(_) => true,
        }
    }

    /// One of a fixed set of words.
    pub(crate) fn one_of<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(word) = self.string(key)? else { return Ok(None) };
        words.iter().find(|(name, _)| *name == word).map(|(_, value)| Some(*value)).ok_or_else(
            || {
                let names: Vec<_> = words.iter().map(|(name, _)| format!("{name:?}")).collect();
                self.wrong(key, &format!("must be one of {}", names.join(", ")))
            },
        )
    }

    /// String values by name. `null` values are left out.
    pub(crate) fn string_map(&self, key: &str) -> Result<Vec<(String, String)>> {
        let Some(inner) = self.object(key)? else { return Ok(Vec::new()) };
        let names = inner.map.keys().filter(|name| inner.get(name).is_some());
        names
            .map(|name| match inner.get(name) {
                Some(Value::String(text)) => Ok((name.clone(), text.clone())),
                _ => Err(inner.wrong(name, "must be a string")),
            })
            .collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn wrong(&self, key: &str, problem: &str) -> Error {
        Error::invalid(self.name_of(key), problem)
    }

    fn name_of(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }
}
