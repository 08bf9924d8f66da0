//! A call as `js/collect_call.js` collected it -> the request's input: the model and the options as structs, the
//! conversation as text.

use std::hash::{BuildHasher, Hasher, RandomState};

use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue, Object, Unknown, ValidateNapiValue};

use super::types::{GeminiCliModel, GeminiCliOptions, GeminiCliReasoningOptions};
use crate::binding::values::host::ProcessEnv;
use crate::binding::values::params::Params;
use crate::binding::values::value::{Fields, string_field};
use crate::binding::values::way;
use crate::error::Error;
use crate::gemini::{ContextText, Hooks, Input};
use crate::time::WallMs;

/// A call, and what ends it.
pub(crate) struct Collected<'env> {
    pub(crate) input: Input,
    pub(crate) signal: Option<Unknown<'env>>,
}

/// The call, or the fault that was found in it.
pub(crate) fn read<'env>(
    env: &Env,
    call: &Object<'env>,
) -> napi::Result<Result<Collected<'env>, Error>> {
    if let (Some(field), Some(problem)) =
        (string_field(call, "faultField"), string_field(call, "faultProblem"))
    {
        return Ok(Err(Error::invalid(field, problem)));
    }
    let parameters = match Parameters::read(call) {
        Ok(parameters) => parameters,
        Err(fault) => return Ok(Err(fault)),
    };
    let Parameters { model, mut options, reasoning } = parameters;
    let variables = ProcessEnv::read(env)?;
    Ok(Ok(Collected {
        signal: options.signal.take(),
        input: Input {
            model: model.into(),
            context: ContextText {
                json: required(call, "context")?,
                images: required(call, "images")?,
            },
            api_key: options.api_key.take(),
            reasoning: reasoning.map(Into::into),
            hooks: Hooks {
                payload: options.on_payload.is_some(),
                response: options.on_response.is_some(),
            },
            options: options.into(),
            proxies: way::proxies(&variables),
            trust: way::trust(&variables),
            now: WallMs::new(required(call, "now")?),
            nonce: nonce(),
        },
    }))
}

struct Parameters<'env> {
    model: GeminiCliModel,
    options: GeminiCliOptions<'env>,
    /// Of the simple form.
    reasoning: Option<GeminiCliReasoningOptions>,
}

impl<'env> Parameters<'env> {
    fn read(call: &Object<'env>) -> Result<Self, Error> {
        let part = |name| {
            let value = call.get_named_property(name).map_err(|_| Error::Internal("a call"))?;
            Fields::required(value, name)
        };
        let model = GeminiCliModel::read(&part("model")?)?;
        let fields = part("options")?;
        let options = GeminiCliOptions::read(&fields)?;
        let is_simple = required(call, "simple").map_err(|_| Error::Internal("a call"))?;
        let reasoning = if is_simple { Some(Params::read(&fields)?) } else { None };
        Ok(Self { model, options, reasoning })
    }
}

fn required<T: FromNapiValue + ValidateNapiValue>(
    call: &Object<'_>,
    field: &str,
) -> napi::Result<T> {
    call.get_named_property(field)
}

/// Tells requests of the same millisecond apart.
fn nonce() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
