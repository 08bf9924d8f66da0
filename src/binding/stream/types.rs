//! What a caller passes to the request functions: the model and the options, read as these structs. The conversation
//! stays text, and so its shape stands in `shapes.d.ts`, as do those of all that JavaScript makes of an answer.

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::option_values::{Filled, FrameLimit, Milliseconds, Strings, TextMap, Texts, Truthy};
use crate::binding::values::params::{Lenient, OrDefault, params};
use crate::gemini::call::request_options::{RateLimitText, RetryMode};
use crate::gemini::call::thinking::Effort;
use crate::http::ProxyChoice;

/// The model to ask. pi-ai's `Model` fits.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliModel {
    /// For example `gemini-3-pro-preview`.
    #[napi(ts_type = "string")]
    pub id: Filled,
    /// `google-gemini-cli` (default) or `google-antigravity`, which has several endpoints.
    #[napi(ts_type = "string | null")]
    pub provider: Option<String>,
    /// Default `google-gemini-cli`. History of another API is sent as plain text.
    #[napi(ts_type = "string | null")]
    pub api: Option<String>,
    /// Replaces the provider's endpoints.
    #[napi(ts_type = "string | null")]
    pub base_url: Option<String>,
    /// Whether the model thinks. Default `false`; then `thinking` is not sent.
    #[napi(ts_type = "boolean | null")]
    pub reasoning: Option<Truthy>,
    /// What the model reads. Default: both. Images for a model without are replaced by a note.
    #[napi(ts_type = "Array<'text' | 'image'> | null")]
    pub input: Option<Strings>,
    /// Default: free.
    #[napi(ts_type = "GeminiCliModelCost | null")]
    pub cost: Option<GeminiCliModelCost>,
    /// The model's output limit in tokens, for the simple form.
    #[napi(ts_type = "number | null")]
    pub max_tokens: Option<f64>,
}
params!(GeminiCliModel { id, provider, api, base_url, reasoning, input, cost, max_tokens });

/// Dollars per million tokens.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliModelCost {
    #[napi(ts_type = "number")]
    pub input: OrDefault<f64>,
    #[napi(ts_type = "number")]
    pub output: OrDefault<f64>,
    #[napi(ts_type = "number")]
    pub cache_read: OrDefault<f64>,
    #[napi(ts_type = "number | null")]
    #[expect(dead_code, reason = "pi-ai's models have it; these answers never write a cache")]
    pub cache_write: Option<Lenient<f64>>,
}
params!(GeminiCliModelCost { input, output, cache_read, cache_write });

/// Options of `streamGoogleGeminiCli` and `requestGeminiCli`. Keys that are not listed are ignored.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliOptions<'env> {
    /// JSON text: `{"token": …, "projectId": …}`.
    #[napi(ts_type = "string")]
    pub api_key: Option<String>,
    /// Ends the request at once and closes its connection.
    #[napi(ts_type = "AbortSignal | null")]
    pub signal: Option<Unknown<'env>>,
    #[napi(ts_type = "number | null")]
    pub temperature: Option<f64>,
    #[napi(ts_type = "number | null")]
    pub max_tokens: Option<f64>,
    #[napi(ts_type = "string | null")]
    pub session_id: Option<String>,
    /// Sent with the request; they win over every other header.
    #[napi(ts_type = "Record<string, string | null> | null")]
    pub headers: Option<TextMap>,
    /// What the sender says about itself. Default: this package's own name and version.
    #[napi(ts_type = "GeminiCliIdentity | null")]
    pub identity: Option<GeminiCliIdentity>,
    /// Sees the body before it is sent, and may change or (by its value) replace it. Awaited.
    #[napi(ts_type = "(payload: any, model: any) => unknown")]
    pub on_payload: Option<Unknown<'env>>,
    /// Sees the head of every response. Awaited.
    #[napi(ts_type = "(response: GeminiCliResponseHead, model: any) => unknown")]
    pub on_response: Option<Unknown<'env>>,
    /// When a request is sent again. `transient` (default): server faults and network errors up to 3 times, a 429 never.
    /// `none`: never. `short`: also a 429, when the stated wait is at most `maxRetryDelayMs`.
    #[napi(ts_type = "'none' | 'transient' | 'short' | null")]
    pub retry: Option<RetryMode>,
    /// The first pause before a repetition in milliseconds; it doubles. Default 1000.
    #[napi(ts_type = "number | null")]
    pub retry_delay_ms: Option<Milliseconds>,
    /// The longest stated wait that `short` sits out, in milliseconds. Default 60000; 0 is no limit.
    #[napi(ts_type = "number | null")]
    pub max_retry_delay_ms: Option<Milliseconds>,
    /// How a rate limit is worded. `status` (default): `Cloud Code Assist API error (429): …`. `quota`: words that hosts take
    /// for a rate limit but that pi's own session does not repeat by itself.
    #[napi(ts_type = "'status' | 'quota' | null")]
    pub rate_limit_text: Option<RateLimitText>,
    /// Milliseconds for a connection, TLS and proxy included. Default 10000; 0 is off.
    #[napi(ts_type = "number | null")]
    pub connect_timeout_ms: Option<Milliseconds>,
    /// Milliseconds from sending to the first event. Default 300000; 0 is off.
    #[napi(ts_type = "number | null")]
    pub first_event_timeout_ms: Option<Milliseconds>,
    /// Milliseconds of silence between two reads. Default 300000; 0 is off.
    #[napi(ts_type = "number | null")]
    pub idle_timeout_ms: Option<Milliseconds>,
    /// Milliseconds for everything. Default 0: off.
    #[napi(ts_type = "number | null")]
    pub total_timeout_ms: Option<Milliseconds>,
    /// A proxy URL (http, https, socks4, socks5), or `false` for a direct connection. Default: what `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say at the call.
    #[napi(ts_type = "string | false | null")]
    pub proxy: Option<ProxyChoice>,
    /// The largest single event that is read. Default 33554432.
    #[napi(ts_type = "number | null")]
    pub max_frame_bytes: Option<FrameLimit>,
    #[napi(ts_type = "'auto' | 'none' | 'any' | null")]
    pub tool_choice: Option<String>,
    /// Default: not sent.
    #[napi(ts_type = "GeminiCliThinking | null")]
    pub thinking: Option<GeminiCliThinking>,
}
params!(GeminiCliOptions<'env> { api_key, signal, temperature, max_tokens, session_id, headers, identity, on_payload, on_response, retry, retry_delay_ms, max_retry_delay_ms, rate_limit_text, connect_timeout_ms, first_event_timeout_ms, idle_timeout_ms, total_timeout_ms, proxy, max_frame_bytes, tool_choice, thinking });

/// What `streamSimpleGoogleGeminiCli` takes in place of `toolChoice` and `thinking`.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliReasoningOptions {
    /// How hard to think. Default: not at all.
    #[napi(ts_type = "'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | null")]
    pub reasoning: Option<Effort>,
    /// Token budgets by `reasoning`. Default 1024, 2048, 8192, 16384.
    #[napi(ts_type = "GeminiCliThinkingBudgets | null")]
    pub thinking_budgets: Option<GeminiCliThinkingBudgets>,
}
params!(GeminiCliReasoningOptions { reasoning, thinking_budgets });

/// How much the model may think.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliThinking {
    #[napi(ts_type = "boolean")]
    pub enabled: OrDefault<Truthy>,
    /// Gemini 2.x: tokens.
    #[napi(ts_type = "number | null")]
    pub budget_tokens: Option<f64>,
    /// Gemini 3: a level. It wins over `budgetTokens`.
    #[napi(ts_type = "'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH' | (string & {}) | null")]
    pub level: Option<String>,
}
params!(GeminiCliThinking { enabled, budget_tokens, level });

/// Token budgets.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliThinkingBudgets {
    #[napi(ts_type = "number | null")]
    pub minimal: Option<f64>,
    #[napi(ts_type = "number | null")]
    pub low: Option<f64>,
    #[napi(ts_type = "number | null")]
    pub medium: Option<f64>,
    #[napi(ts_type = "number | null")]
    pub high: Option<f64>,
}
params!(GeminiCliThinkingBudgets { minimal, low, medium, high });

/// What the sender says about itself, when it is not this package.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct GeminiCliIdentity {
    /// For example `User-Agent`.
    #[napi(ts_type = "Record<string, string | null> | null")]
    pub headers: Option<TextMap>,
    /// The body's `userAgent`.
    #[napi(ts_type = "string | null")]
    pub user_agent: Option<String>,
    /// The body's `requestType`. Default: not sent.
    #[napi(ts_type = "string | null")]
    pub request_type: Option<String>,
    /// Comes before the conversation's system prompt.
    #[napi(ts_type = "string | string[] | null")]
    pub system_instruction: Option<Texts>,
}
params!(GeminiCliIdentity { headers, user_agent, request_type, system_instruction });
