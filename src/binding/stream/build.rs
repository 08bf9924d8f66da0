//! A request's parts without sending it: built off the event loop, typed errors.

use napi::Env;
use napi::bindgen_prelude::{AsyncBlock, AsyncBlockBuilder, Object};
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use super::collected_call;
use crate::binding::values::js_error::to_js_error;
use crate::error::Error;
use crate::gemini::{Parts, build as build_parts};

/// Resolves with JSON: `{ url, headers, body }`.
pub(crate) fn build(env: &Env, call: &Object<'_>) -> napi::Result<AsyncBlock<String>> {
    let input = collected_call::read(env, call)?.map(|collected| collected.input);
    let work = async move {
        Ok(input.and_then(|input| {
            let parts = build_parts(&input).map_err(|failed| {
                let field = failed.field.unwrap_or_else(|| "arguments".to_owned());
                let problem = failed.message;
                let problem = problem.strip_prefix(&format!("{field}: ")).unwrap_or(&problem);
                Error::invalid(&field, problem)
            })?;
            to_json(&parts)
        }))
    };
    AsyncBlockBuilder::build_with_map(env, work, |env, built: Result<String, Error>| {
        built.map_err(|error| to_js_error(&env, &error))
    })
}

fn to_json(parts: &Parts) -> Result<String, Error> {
    serde_json::to_string(&Shown(parts)).map_err(|_| Error::Internal("building a request"))
}

struct Shown<'a>(&'a Parts);

impl Serialize for Shown<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body: &RawValue =
            serde_json::from_slice(&self.0.body).map_err(serde::ser::Error::custom)?;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("url", &self.0.url)?;
        map.serialize_entry("headers", &Headers(&self.0.headers))?;
        map.serialize_entry("body", body)?;
        map.end()
    }
}

struct Headers<'a>(&'a [(String, String)]);

impl Serialize for Headers<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
