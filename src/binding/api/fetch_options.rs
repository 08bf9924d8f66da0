//! The options of `accounts.fetch`, checked with those of the handle.

use std::borrow::Cow;

use napi::bindgen_prelude::{JsValue, Object, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;

use crate::binding::run::types::Callback;
use crate::binding::values::checked::NotBlank;
use crate::binding::values::js_error::to_js_error;
use crate::binding::values::params::{FromJs, Params, field, misfit, params};
use crate::binding::values::value::{Fields, of_type};
use crate::error::Result;

/// How `accounts.fetch` sends, of the options of `createFailover`.
#[napi(object, object_from_js = false, object_to_js = false)]
#[expect(dead_code, reason = "they are read to be checked; JavaScript keeps them")]
pub struct FailoverFetchOptions {
    /// The network. Default: the global `fetch`, as it is at each call.
    #[napi(ts_type = "typeof globalThis.fetch | null")]
    pub fetch: Option<Callback>,
    /// Where an account's key goes. Default: where the SDK has put its own (`authorization`, `x-api-key`, `x-goog-api-key`,
    /// `api-key`, `?key=`), else where its API reads it. `{ header }` and `{ query }` name another place; a function puts it
    /// where it belongs by itself, and is called for each attempt.
    #[napi(
        ts_type = "'bearer' | { header: string } | { query: string } | ((headers: Headers, profile: FailoverFetchProfile) => void) | null"
    )]
    pub credential: Option<CredentialOption>,
    /// How many bytes of a body that can be read once only (a stream) are kept, so that it can be sent to the next account
    /// too. A longer one is sent once, and a `once` event says so. Default: 8,388,608.
    #[napi(ts_type = "number | null")]
    pub max_replay_bytes: Option<ByteCount>,
    /// Requests of one session stay with one account while they can: a key for all of them, or a function that tells it for
    /// each. A request's header `x-auth-failover-session` goes before it, and is not sent.
    #[napi(
        ts_type = "string | ((request: { url: string, method: string, headers: Headers, model: string | null }) => string | null | undefined) | null"
    )]
    pub session_key: Option<SessionOption>,
}
params!(FailoverFetchOptions { fetch, credential, max_replay_bytes, session_key });

/// How many bytes, at least none.
#[derive(Debug)]
pub struct ByteCount;

impl FromJs<'_> for ByteCount {
    fn expected() -> Cow<'static, str> {
        "must be a whole number from 0".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let count = f64::from_js(value)?;
        let is_count = count >= 0.0 && count.fract() == 0.0;
        if is_count { Ok(Self) } else { Err(misfit(Self::expected())) }
    }
}

/// Where the key goes: a word, a place or a function.
#[derive(Debug)]
pub struct CredentialOption;

impl FromJs<'_> for CredentialOption {
    fn expected() -> Cow<'static, str> {
        "must be \"bearer\", { header }, { query } or a function".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        let kind = value.get_type().unwrap_or(ValueType::Undefined);
        let word: Option<String> = of_type(value, ValueType::String);
        if kind == ValueType::Function || word.as_deref() == Some("bearer") {
            return Ok(Self);
        }
        let place = Object::from_js(value).map_err(|_| misfit(Self::expected()))?;
        let fields = Fields::required(place.to_unknown(), "")?;
        if Object::keys(&place).unwrap_or_default().iter().any(|it| it != "header" && it != "query")
        {
            return Err(misfit(Self::expected()));
        }
        let header: Option<NotBlank> = field(&fields, "header")?;
        let query: Option<NotBlank> = field(&fields, "query")?;
        let is_one = header.is_some() != query.is_some();
        if is_one { Ok(Self) } else { Err(misfit(Self::expected())) }
    }
}

/// A key, or a function that tells it.
#[derive(Debug)]
pub struct SessionOption;

impl FromJs<'_> for SessionOption {
    fn expected() -> Cow<'static, str> {
        "must be a string or a function".into()
    }

    fn from_js(value: Unknown<'_>) -> Result<Self> {
        match value.get_type() {
            Ok(ValueType::String | ValueType::Function) => Ok(Self),
            _ => Err(misfit(Self::expected())),
        }
    }
}

/// Throws `ERR_INVALID_ARGUMENT` for options that cannot be used.
#[napi(catch_unwind, skip_typescript)]
pub fn check_fetch_options(env: &Env, options: Unknown<'_>) -> napi::Result<()> {
    let read = || FailoverFetchOptions::read(&Fields::required(options, "options")?);
    read().map(|_| ()).map_err(|error| to_js_error(env, &error))
}
