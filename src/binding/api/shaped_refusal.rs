//! A refusal in the API's own shape.

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

use super::request_facts::pairs;
use crate::api::family::Family;
use crate::api::refusal::{self, Why};
use crate::failure::Class;

/// `{ status, headers, body }` for an error of ours; `headers` are flat pairs, also of those that a refusal as it came
/// gets besides its own.
#[napi(catch_unwind, skip_typescript)]
pub fn shaped_refusal(
    env: &Env,
    url: String,
    telling: Vec<String>,
    code: String,
    class: Option<String>,
    message: String,
    retry_after_ms: Option<f64>,
) -> napi::Result<Object<'_>> {
    let telling = pairs(telling);
    let family = Family::of(&url, |name| telling.iter().any(|(it, _)| it == name));
    let why = Why::of(&code, class.and_then(|class| Class::from_name(&class)));
    let wait = retry_after_ms.filter(|ms| (0.0..1e15).contains(ms)).map(|ms| ms.ceil() as u64);
    let headers = refusal::headers(wait).into_iter();
    let headers: Vec<String> = headers.flat_map(|(name, value)| [name.to_owned(), value]).collect();
    let mut object = Object::new(env)?;
    object.set("status", why.status())?;
    object.set("headers", headers)?;
    object.set("body", refusal::body(family, why, &message, wait))?;
    Ok(object)
}
