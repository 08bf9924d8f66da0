//! What the caller's `refresh` threw.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Object, Unknown};

use crate::binding::failure::properties::{property, text_property};
use crate::binding::run::answer::{self, Asked};
use crate::binding::values::value::as_object;
use crate::failure::own_rules::OwnRule;
use crate::failure::{Failure, Secrets};
use crate::oauth::login_over::of_thrown;
use crate::rotation::login::oauth_login::Login;

/// Where clients keep a response's body on what they throw.
const BODIES: [&str; 4] = ["body", "data", "response", "cause"];

/// The record, without the login's tokens.
pub(super) fn failure(
    env: &Env,
    thrown: Unknown<'_>,
    provider: &str,
    began: &Login,
) -> napi::Result<Failure> {
    let rules: Arc<[OwnRule]> = Arc::default();
    let asked = Asked { provider, model: None, rules: &rules, is_refreshed: false };
    let seen = answer::thrown(env, thrown, &asked)?.failure;
    let codes = as_object(thrown).map(|thrown| codes(env, &thrown, 2)).unwrap_or_default();
    let mut failure = of_thrown(seen, &codes);
    Secrets::new([began.access.clone(), began.refresh.clone()]).hide_in(&mut failure);
    Ok(failure)
}

/// The codes on an object, and on the bodies that it carries.
fn codes(env: &Env, object: &Object<'_>, depth: usize) -> Vec<String> {
    let mut found: Vec<String> = ["error", "code", "type"]
        .into_iter()
        .filter_map(|name| text_property(env, object, name))
        .collect();
    if let Some(error) = property(env, object, "error").and_then(as_object) {
        found.extend(
            ["code", "type"].into_iter().filter_map(|name| text_property(env, &error, name)),
        );
    }
    if depth > 0 {
        for body in BODIES.into_iter().filter_map(|name| property(env, object, name)) {
            if let Some(body) = as_object(body) {
                found.extend(codes(env, &body, depth - 1));
            }
        }
    }
    found
}
