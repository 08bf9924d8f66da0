//! Thrown JavaScript values: their chain of causes, and the response that some clients' error classes carry.
//!
//! Invariant: bounded in depth, so that a chain that bites its own tail ends.

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use super::evidence::{Evidence, property, read_body, read_headers, status_number, text_property};
use crate::binding::values::value::{as_object, of_type};
use crate::failure::{Thrown, is_aborted_request_text, is_timeout_text};

/// Chains are two or three long; a longer one repeats itself.
const MAX_LINKS: usize = 8;

/// One error of the chain, as owned data.
#[derive(Debug)]
pub(crate) struct Link {
    name: String,
    message: String,
    code: String,
}

impl Link {
    pub(crate) fn as_thrown(&self) -> Thrown<'_> {
        Thrown { name: &self.name, message: &self.message, code: &self.code }
    }
}

/// Adds what a thrown value says; what the caller stated stays.
pub(crate) fn read(env: &Env, error: Unknown<'_>, evidence: &mut Evidence) {
    let mut waiting = vec![error];
    while let Some(value) = waiting.pop() {
        if evidence.links.len() >= MAX_LINKS {
            return;
        }
        let Some(error) = as_object(value) else {
            let message = message_of(env, value);
            evidence.links.push(Link { name: String::new(), message, code: String::new() });
            continue;
        };
        let text = |name: &str| text_property(env, &error, name).unwrap_or_default();
        evidence.links.push(Link {
            name: text("name"),
            message: text("message"),
            code: text("code"),
        });
        read_response(env, &error, evidence);
        // The last one pushed is the next one read: causes before the parts of an aggregate.
        waiting.extend(parts(env, &error));
        waiting.extend(["reason", "cause"].iter().filter_map(|name| {
            let value = property(env, &error, name)?;
            let is_error = *name == "cause" || as_object(value).is_some();
            is_error.then_some(value)
        }));
    }
}

/// The errors of an `AggregateError`, the first last.
fn parts<'env>(env: &Env, error: &Object<'env>) -> Vec<Unknown<'env>> {
    let Some(list) = property(env, error, "errors").and_then(as_object) else { return Vec::new() };
    if !list.is_array().unwrap_or(false) {
        return Vec::new();
    }
    let length = list.get_array_length().unwrap_or(0).min(4);
    (0..length).rev().filter_map(|index| list.get_element(index).ok()).collect()
}

/// Status, headers and body as the clients of the large services keep them.
fn read_response(env: &Env, error: &Object<'_>, evidence: &mut Evidence) {
    let field = |holder: &Object<'_>, name: &str| property(env, holder, name).is_some();
    let response = property(env, error, "response").and_then(as_object);
    let holders = || std::iter::once(error).chain(response.as_ref());
    let value = |names: &[&str]| {
        holders().find_map(|holder| {
            let name = names.iter().find(|name| field(holder, name))?;
            property(env, holder, name)
        })
    };
    if evidence.status.is_none() {
        evidence.status = value(&["status", "statusCode", "code"]).and_then(status_number);
    }
    if evidence.headers.is_empty() {
        let headers = value(&["headers", "responseHeaders"]);
        evidence.headers = headers.map(|headers| read_headers(env, headers)).unwrap_or_default();
    }
    if evidence.body.is_none() {
        // A record of ours says more than any body.
        let body = value(&["failure", "responseBody", "error", "body", "data"]);
        evidence.body = body.and_then(|body| read_body(env, body));
    }
}

/// The host's test for a timeout.
pub(crate) fn is_timeout(env: &Env, error: Unknown<'_>) -> bool {
    if hints_at_timeout(env, error) {
        return true;
    }
    let Some(object) = as_object(error) else { return false };
    if name_of(env, &object) != "AbortError" {
        return false;
    }
    is_aborted_request_text(&message_of(env, error))
        || ["cause", "reason"].iter().any(|name| {
            property(env, &object, name).is_some_and(|inner| hints_at_timeout(env, inner))
        })
}

/// The host's test for an abort, both its clauses.
pub(crate) fn is_abort(env: &Env, error: Unknown<'_>) -> bool {
    let Some(object) = as_object(error) else { return false };
    name_of(env, &object) == "AbortError"
        || text_property(env, &object, "message")
            .is_some_and(|message| message.to_lowercase().contains("aborted"))
}

fn hints_at_timeout(env: &Env, value: Unknown<'_>) -> bool {
    let is_named = as_object(value).is_some_and(|error| name_of(env, &error) == "TimeoutError");
    is_named || is_timeout_text(&message_of(env, value))
}

fn name_of(env: &Env, error: &Object<'_>) -> String {
    text_property(env, error, "name").unwrap_or_default()
}

/// The text of a thrown value, whatever it is.
fn message_of(env: &Env, value: Unknown<'_>) -> String {
    let text = match value.get_type() {
        Ok(ValueType::String) => of_type(value, ValueType::String),
        Ok(ValueType::Number | ValueType::Boolean | ValueType::BigInt) => value
            .coerce_to_string()
            .and_then(napi::JsString::into_utf8)
            .and_then(napi::JsStringUtf8::into_owned)
            .ok(),
        Ok(ValueType::Symbol) => value
            .coerce_to_object()
            .ok()
            .and_then(|symbol| text_property(env, &symbol, "description")),
        _ => as_object(value).and_then(|error| text_property(env, &error, "message")),
    };
    text.unwrap_or_default()
}
