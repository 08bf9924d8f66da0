//! A call as `js/collect_call.js` collected it -> the request's input.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, Object, ValidateNapiValue};

use crate::binding::values::host::ProcessEnv;
use crate::binding::values::value::string_field;
use crate::error::Error;
use crate::gemini::{ContextText, Hooks, Input, ProxyEnvironment, TrustEnvironment};
use crate::time::WallMs;

/// The input, or the fault that was found while it was collected.
pub(crate) fn read(env: &Env, call: &Object<'_>) -> napi::Result<Result<Input, Error>> {
    if let (Some(field), Some(problem)) =
        (string_field(call, "faultField"), string_field(call, "faultProblem"))
    {
        return Ok(Err(Error::invalid(field, problem)));
    }
    let variables = ProcessEnv::read(env)?;
    Ok(Ok(Input {
        model: required(call, "model")?,
        context: ContextText {
            json: required(call, "context")?,
            images: required(call, "images")?,
        },
        options: required(call, "options")?,
        api_key: string_field(call, "apiKey"),
        simple: required(call, "simple")?,
        hooks: Hooks {
            payload: required(call, "asksPayload")?,
            response: required(call, "asksResponse")?,
        },
        proxies: proxies(&variables),
        trust: TrustEnvironment {
            extra: variables.get("NODE_EXTRA_CA_CERTS").map(PathBuf::from),
            file: variables.get("SSL_CERT_FILE").map(PathBuf::from),
        },
        now: WallMs::new(required(call, "now")?),
        nonce: nonce(),
    }))
}

fn required<T: FromNapiValue + ValidateNapiValue>(
    call: &Object<'_>,
    field: &str,
) -> napi::Result<T> {
    call.get_named_property(field)
}

/// Both spellings are in use; where a program sets both, the lower-case one counts, as in curl.
fn proxies(variables: &ProcessEnv<'_>) -> ProxyEnvironment {
    let either = |lower: &str, upper: &str| variables.get(lower).or_else(|| variables.get(upper));
    ProxyEnvironment {
        https: either("https_proxy", "HTTPS_PROXY"),
        http: either("http_proxy", "HTTP_PROXY"),
        all: either("all_proxy", "ALL_PROXY"),
        no: either("no_proxy", "NO_PROXY"),
    }
}

/// Tells requests of the same millisecond apart.
fn nonce() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
