//! Thrown JavaScript values: their chain of causes, and the response that some clients' error classes carry.
//!
//! Invariant: bounded in depth, so that a circular chain of causes ends.

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};
use napi::{Env, ValueType};

use super::failure_object;
use super::properties::{property, read_body, read_headers, status_number, text_property};
use crate::binding::values::value::{as_object, of_type};
use crate::failure::{Failure, Thrown, is_aborted_request_text, is_timeout_text};

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

/// What a thrown value and its causes carry, the outermost first.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    pub(crate) links: Vec<Link>,
    pub(crate) known: Option<Failure>,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

/// Reads a thrown value, whatever it is.
pub(crate) fn read(env: &Env, error: Unknown<'_>, also: &[String]) -> Carried {
    let mut carried = Carried::default();
    let mut waiting = vec![error];
    while let Some(value) = waiting.pop() {
        if carried.links.len() >= MAX_LINKS {
            break;
        }
        let Some(error) = as_object(value) else {
            let message = message_of(env, value);
            carried.links.push(Link { name: String::new(), message, code: String::new() });
            continue;
        };
        let text = |name: &str| text_property(env, &error, name).unwrap_or_default();
        let link = Link { name: text("name"), message: text("message"), code: text("code") };
        // What was tried before the last attempt is history.
        if let Some(last) = last_attempt(env, &error) {
            waiting.push(last);
            continue;
        }
        carried.links.push(link);
        let is_error = error.is_error().unwrap_or(false);
        // Data that was thrown may be a server's: only an error can carry a record of ours.
        if carried.known.is_none() && is_error {
            carried.known = failure_object::of(env, &error);
        }
        read_response(env, &error, also, &mut carried);
        if carried.body.is_none() && !is_error {
            carried.body = body_of(env, value);
        }
        // The last one pushed is the next one read: causes before the parts of an aggregate.
        waiting.extend(parts(env, &error));
        waiting.extend(["error", "reason", "cause"].iter().filter_map(|name| {
            let value = property(env, &error, name)?;
            let is_link = match *name {
                "cause" => true,
                "reason" => as_object(value).is_some(),
                // Data there is the response's body.
                _ => as_object(value).is_some_and(|inner| inner.is_error().unwrap_or(false)),
            };
            is_link.then_some(value)
        }));
    }
    carried
}

/// The last error of an SDK's own retries.
fn last_attempt<'env>(env: &Env, error: &Object<'env>) -> Option<Unknown<'env>> {
    let last = property(env, error, "lastError").filter(|last| as_object(*last).is_some());
    let gave_up = || text_property(env, error, "reason").is_some();
    last.or_else(|| parts(env, error).into_iter().next().filter(|_| gave_up()))
}

/// The errors of an `AggregateError`, the first last.
fn parts<'env>(env: &Env, error: &Object<'env>) -> Vec<Unknown<'env>> {
    let Some(list) = property(env, error, "errors").and_then(as_object) else { return Vec::new() };
    if !list.is_array().unwrap_or(false) {
        return Vec::new();
    }
    let length = list.get_array_length().unwrap_or(0);
    let first = length.saturating_sub(4);
    (first..length).rev().filter_map(|index| list.get_element(index).ok()).collect()
}

/// Where clients keep the response that they had: `response` (axios, got, ky), `rawResponse` (Mistral, Cohere,
/// `OpenRouter`), `httpResponse` (Hugging Face), `$response` and `$metadata` (AWS).
const HOLDERS: [&str; 5] = ["response", "rawResponse", "httpResponse", "$response", "$metadata"];
const STATUSES: [&str; 6] =
    ["status", "statusCode", "status_code", "httpStatusCode", "httpStatus", "code"];
const HEADERS: [&str; 2] = ["headers", "responseHeaders"];
/// `message` is a body where it is no text.
const BODIES: [&str; 6] = ["responseBody", "error", "body", "data", "bodyText", "message"];

/// Status, headers and body as the clients of the large services keep them.
fn read_response(env: &Env, error: &Object<'_>, also: &[String], carried: &mut Carried) {
    let named = HOLDERS.iter().filter_map(|name| as_object(property(env, error, name)?));
    let holders: Vec<Object<'_>> = std::iter::once(*error).chain(named).collect();
    let values = |names: &'static [&'static str]| {
        let holders = holders.iter();
        holders.flat_map(move |holder| names.iter().map(move |name| (*name, holder)))
    };
    if carried.status.is_none() {
        carried.status = values(&STATUSES)
            .find_map(|(name, holder)| status_number(property(env, holder, name)?));
    }
    if carried.headers.is_empty() {
        let read = |(name, holder)| Some(read_headers(env, property(env, holder, name)?, also));
        let found = values(&HEADERS).filter_map(read).find(|headers| !headers.is_empty());
        carried.headers = found.unwrap_or_default();
        let id = holders.iter().find_map(|holder| text_property(env, holder, "requestId"));
        carried.headers.extend(id.map(|id| ("x-request-id".to_owned(), id)));
    }
    if carried.body.is_none() {
        carried.body = values(&BODIES).find_map(|(name, holder)| {
            let value = property(env, holder, name)?;
            if name == "message" && as_object(value).is_none() {
                return None;
            }
            body_of(env, value)
        });
    }
}

/// A body that says something: a stream or an error prints as nothing.
fn body_of(env: &Env, value: Unknown<'_>) -> Option<Vec<u8>> {
    let is_error = as_object(value).is_some_and(|value| value.is_error().unwrap_or(false));
    let body = if is_error { None } else { read_body(env, value) };
    body.filter(|body| !matches!(body.as_slice(), b"" | b"{}" | b"[]" | b"null"))
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
