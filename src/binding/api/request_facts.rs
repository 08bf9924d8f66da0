//! What a request asks for, and where it has its credential.

use napi_derive::napi;

use crate::api::asked::asked_model;
use crate::api::asked::base::rebased;
use crate::api::asked::place::{self, Fixed, Place};

/// The names of the headers that [`credential_places`] and `shapedRefusal` want to see.
#[napi(catch_unwind, skip_typescript)]
pub fn telling_headers() -> Vec<&'static str> {
    place::TELLING.to_vec()
}

/// Flat pairs as JavaScript hands them over.
pub(super) fn pairs(flat: Vec<String>) -> Vec<(String, String)> {
    let mut flat = flat.into_iter();
    std::iter::from_fn(|| Some((flat.next()?, flat.next()?))).collect()
}

/// Where the credential goes: `[kind, name, scheme]`, one after the other; `kind` is `header` or `query`. `fixed` is what
/// the caller says: `bearer`, `header:name`, `query:name`.
#[napi(catch_unwind, skip_typescript)]
pub fn credential_places(url: String, headers: Vec<String>, fixed: Option<String>) -> Vec<String> {
    let fixed = fixed.map(|fixed| match fixed.split_once(':') {
        Some(("header", name)) => Fixed::Header(name.to_owned()),
        Some(("query", name)) => Fixed::Query(name.to_owned()),
        _ => Fixed::Bearer,
    });
    let places = place::places(&url, &pairs(headers), fixed.as_ref());
    let flat = |place| match place {
        Place::Header { name, scheme } => ["header".to_owned(), name, scheme],
        Place::Query(name) => ["query".to_owned(), name, String::new()],
    };
    places.into_iter().flat_map(flat).collect()
}

/// The model that a request asks, by its URL or the text of its body.
#[napi(catch_unwind, skip_typescript)]
pub fn asked_model(url: String, body: Option<String>) -> Option<String> {
    asked_model::model_of(&url, body.as_deref())
}

/// The URL at another base: a profile's own, in place of the one that the SDK has (`of`, if it is known).
#[napi(catch_unwind, skip_typescript)]
pub fn rebased_url(url: String, base: String, of: Option<String>) -> String {
    rebased(&url, &base, of.as_deref())
}
