//! The stable codes of `requestGeminiCli`'s errors, and the one warning that a request may give.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::Object;

use crate::binding::values::value::string_field;
use crate::binding::values::warning::emit;
use crate::failure::Class;
use crate::gemini::code_of_class;

/// The code of an error that carries this failure record.
pub(crate) fn code_of(failure: &Object<'_>) -> &'static str {
    if string_field(failure, "rule").as_deref() == Some("invalid-input") {
        return "ERR_INVALID_ARGUMENT";
    }
    let class = string_field(failure, "class").and_then(|name| Class::from_name(&name));
    code_of_class(class.unwrap_or(Class::Unknown))
}

static WARNED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// A bearer goes over plain http to another machine: told once for each host.
pub(crate) fn warn(env: &Env, host: String) -> napi::Result<()> {
    let text = format!("the access token goes to {host} over http: anybody on the way can read it");
    let is_new = WARNED.lock().unwrap_or_else(PoisonError::into_inner).insert(host);
    if is_new { emit(env, &text, "WARN_TOKEN_OVER_HTTP") } else { Ok(()) }
}
