//! A secret that a profile names by reference: looking it up, and what follows if it is missing.
//!
//! Invariant: a secret that cannot be had is no fault of its account, which rests for seconds. What was looked up is as
//! secret as what the store holds.

use napi::Env;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, Unknown};

use crate::binding::run::types::Callback;
use crate::binding::values::js_error::js_error_object;
use crate::binding::values::value::is_nullish;
use crate::error::Error;
use crate::failure::{Class, Failure, Rule, Scope};
use crate::rotation::attempt_credential::SecretReference;

/// How the secret of an attempt is looked up.
pub(crate) struct LookUp<'a> {
    pub(crate) resolve: &'a Callback,
    pub(crate) reference: &'a SecretReference,
    pub(crate) provider: &'a str,
}

impl LookUp<'_> {
    pub(crate) fn to_js<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let mut object = Object::new(env)?;
        object.set("resolve", self.resolve.borrow_back(env)?)?;
        object.set("field", self.reference.field)?;
        object.set("provider", self.provider)?;
        Ok(object)
    }
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Found {
    /// It was looked up, or there was nothing to look up: an empty text.
    Secret(String),
    /// It is not there, or not yet.
    Missing { is_empty: bool },
}

impl Found {
    pub(crate) fn read(attempt: &Object<'_>) -> napi::Result<Self> {
        if attempt.get_named_property("isLookingUp")? {
            return Ok(Self::Missing { is_empty: attempt.get_named_property("isEmpty")? });
        }
        Ok(Self::Secret(attempt.get_named_property("secret")?))
    }
}

/// Why there is no secret.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Problem {
    Failed,
    Empty,
    TooLong,
    /// There was no `resolveSecret`, and `run` failed without the secret.
    NotAsked,
}

impl Problem {
    fn words(self) -> &'static str {
        match self {
            Self::Failed => "resolveSecret failed",
            Self::Empty => "resolveSecret gave no text",
            Self::TooLong => "resolveSecret took too long",
            Self::NotAsked => {
                "run was given its reference only; pass resolveSecret, or look it up in run"
            }
        }
    }
}

/// The error, with what it came of.
pub(crate) fn unresolved<'env>(
    env: &'env Env,
    profile: &str,
    reference: &SecretReference,
    problem: Problem,
    cause: Unknown<'_>,
) -> napi::Result<(Failure, Unknown<'env>)> {
    let error = Error::SecretUnresolved {
        profile: profile.to_owned(),
        reference: reference.to_string(),
        problem: problem.words(),
    };
    let mut object = js_error_object(env, &error)?;
    if !is_nullish(cause) {
        object.set("cause", cause)?;
    }
    Ok((failure(error.to_string()), object.to_unknown()))
}

fn failure(text: String) -> Failure {
    let (class, scope) = (Class::Unknown, Scope::Account);
    Failure::without_response(Rule::SecretUnresolved, class, scope, true, text)
}

/// Whether this is what a request without a key meets: a refusal of it, or a client that does not even ask.
pub(crate) fn may_lack_key(failure: &Failure, is_callers_code: bool) -> bool {
    let is_unsent = failure.class == Class::Unknown && failure.status.is_none() && !is_callers_code;
    is_unsent || matches!(failure.class, Class::Auth | Class::AuthPermanent)
}
