//! The stable codes of `requestGeminiCli`'s errors, and the one warning that a request may give.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::Object;

use crate::binding::values::value::string_field;
use crate::binding::values::warning::emit;
use crate::failure::Class;

/// The code of an error that carries this failure record.
pub(crate) fn code_of(failure: &Object<'_>) -> &'static str {
    if string_field(failure, "rule").as_deref() == Some("invalid-input") {
        return "ERR_INVALID_ARGUMENT";
    }
    let class = string_field(failure, "class").and_then(|name| Class::from_name(&name));
    match class.unwrap_or(Class::Unknown) {
        Class::RateLimit | Class::Quota => "ERR_RATE_LIMITED",
        Class::Capacity | Class::Overloaded => "ERR_OVERLOADED",
        Class::Billing => "ERR_BILLING",
        Class::Auth | Class::AuthPermanent => "ERR_AUTH",
        Class::VerificationRequired
        | Class::AccountDisabled
        | Class::UnsupportedClient
        | Class::NoLicense => "ERR_ACCOUNT_REFUSED",
        Class::Format => "ERR_BAD_REQUEST",
        Class::ModelNotFound => "ERR_MODEL_NOT_FOUND",
        Class::Timeout => "ERR_TIMEOUT",
        Class::Aborted => "ERR_ABORTED",
        Class::Network => "ERR_NETWORK",
        Class::Truncated => "ERR_TRUNCATED",
        Class::Empty => "ERR_EMPTY_RESPONSE",
        Class::Unknown => "ERR_REQUEST_FAILED",
    }
}

static WARNED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// A bearer goes over plain http to another machine: told once for each host.
pub(crate) fn warn(env: &Env, host: String) -> napi::Result<()> {
    let text = format!("the access token goes to {host} over http: anybody on the way can read it");
    let is_new = WARNED.lock().unwrap_or_else(PoisonError::into_inner).insert(host);
    if is_new { emit(env, &text, "WARN_TOKEN_OVER_HTTP") } else { Ok(()) }
}
