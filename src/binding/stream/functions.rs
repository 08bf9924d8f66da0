//! Exports of `gemini`: a call in, a stream, a promise or a request out.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::runtime::call;

/// Sends one Gemini CLI (Cloud Code Assist) request and streams the answer: a replacement for pi-ai's function of the
/// same name whose failures arrive at once and say when to come back.
///
/// Request errors never throw: the stream ends in one `error` event, whose message has `errorMessage` for people and
/// `failure` for the program. Failing accounts are the caller's to rotate: by default a 429 costs one request and no
/// wait.
#[napi(
    catch_unwind,
    ts_args_type = "model: GeminiCliModel, context: GeminiCliContext, options?: GeminiCliOptions | null",
    ts_return_type = "AsyncIterable<GeminiCliEvent> & GeminiCliStream"
)]
pub fn stream_google_gemini_cli<'env>(
    env: &'env Env,
    model: Unknown<'env>,
    context: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<Unknown<'env>> {
    call(env, "stream", model, context, options)
}

/// As `streamGoogleGeminiCli`, with `reasoning` (and `thinkingBudgets`) instead of `thinking`.
///
/// Throws, as pi-ai does, when `apiKey` is missing.
#[napi(
    catch_unwind,
    ts_args_type = "model: GeminiCliModel, context: GeminiCliContext, options?: GeminiCliSimpleOptions | null",
    ts_return_type = "AsyncIterable<GeminiCliEvent> & GeminiCliStream"
)]
pub fn stream_simple_google_gemini_cli<'env>(
    env: &'env Env,
    model: Unknown<'env>,
    context: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<Unknown<'env>> {
    call(env, "streamSimple", model, context, options)
}

/// Sends one request and resolves with the final message.
///
/// Rejects with the caller's own `signal.reason` after an abort; else with an `Error` that has `code`, `failure` (the
/// record) and `partial` (the message so far). Codes: `ERR_RATE_LIMITED`, `ERR_OVERLOADED`, `ERR_BILLING`, `ERR_AUTH`,
/// `ERR_ACCOUNT_REFUSED`, `ERR_BAD_REQUEST`, `ERR_MODEL_NOT_FOUND`, `ERR_TIMEOUT` (its `name` is `TimeoutError`),
/// `ERR_NETWORK`, `ERR_TRUNCATED`, `ERR_EMPTY_RESPONSE`, `ERR_ABORTED` (by the server), `ERR_REQUEST_FAILED`,
/// `ERR_INVALID_ARGUMENT` (with `field`). Its type is `GeminiCliRequestError` or `InvalidArgumentError`.
#[napi(
    catch_unwind,
    ts_args_type = "model: GeminiCliModel, context: GeminiCliContext, options?: GeminiCliOptions | null",
    ts_return_type = "Promise<GeminiCliMessage>"
)]
pub fn request_gemini_cli<'env>(
    env: &'env Env,
    model: Unknown<'env>,
    context: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<Unknown<'env>> {
    call(env, "request", model, context, options)
}

/// Builds what `streamGoogleGeminiCli` would send, for a caller who sends it by other means. The credential is left out
/// of the headers; `onPayload` is not called.
///
/// Rejects with `ERR_INVALID_ARGUMENT`, which names the field.
#[napi(
    catch_unwind,
    ts_args_type = "model: GeminiCliModel, context: GeminiCliContext, options?: GeminiCliOptions | null",
    ts_return_type = "Promise<GeminiCliRequest>"
)]
pub fn build_gemini_cli_request<'env>(
    env: &'env Env,
    model: Unknown<'env>,
    context: Unknown<'env>,
    options: Option<Unknown<'env>>,
) -> napi::Result<Unknown<'env>> {
    call(env, "build", model, context, options)
}
