//! What a caller passes to the request functions, as TypeScript sees it. Calls are read in `js/collect_call.js`, so these
//! structs only give `index.d.ts` its interfaces.

#![expect(dead_code, reason = "shapes for index.d.ts; nothing in Rust builds them")]

use napi_derive::napi;

/// The model to ask. pi-ai's `Model` fits.
#[napi(object, object_to_js = false)]
pub struct GeminiCliModel {
    /// For example `gemini-3-pro-preview`.
    #[napi(ts_type = "string")]
    pub id: String,
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
    pub reasoning: Option<String>,
    /// What the model reads. Default: both. Images for a model without are replaced by a note.
    #[napi(ts_type = "Array<'text' | 'image'> | null")]
    pub input: Option<String>,
    /// Default: free.
    #[napi(ts_type = "GeminiCliModelCost | null")]
    pub cost: Option<String>,
    /// The model's output limit in tokens, for the simple form.
    #[napi(ts_type = "number | null")]
    pub max_tokens: Option<String>,
}

/// Dollars per million tokens.
#[napi(object, object_to_js = false)]
pub struct GeminiCliModelCost {
    #[napi(ts_type = "number")]
    pub input: String,
    #[napi(ts_type = "number")]
    pub output: String,
    #[napi(ts_type = "number")]
    pub cache_read: String,
    #[napi(ts_type = "number | null")]
    pub cache_write: Option<String>,
}

/// A conversation. pi-ai's `Context` fits; fields that are not listed are not sent.
#[napi(object, object_to_js = false)]
pub struct GeminiCliContext {
    #[napi(ts_type = "string | null")]
    pub system_prompt: Option<String>,
    #[napi(ts_type = "Array<GeminiCliContextMessage>")]
    pub messages: String,
    #[napi(ts_type = "Array<GeminiCliTool> | null")]
    pub tools: Option<String>,
}

/// A message of any role; which fields count follows from `role`.
#[napi(object, object_to_js = false)]
pub struct GeminiCliContextMessage {
    #[napi(ts_type = "'user' | 'assistant' | 'toolResult'")]
    pub role: String,
    /// A plain string only from `user`.
    #[napi(ts_type = "string | Array<GeminiCliContentBlock>")]
    pub content: String,
    /// `assistant`: who answered. Only the same model's thoughts and signatures are sent back.
    #[napi(ts_type = "string")]
    pub provider: Option<String>,
    #[napi(ts_type = "string")]
    pub api: Option<String>,
    #[napi(ts_type = "string")]
    pub model: Option<String>,
    /// `assistant`: turns that ended in `error` or `aborted` are left out.
    #[napi(ts_type = "string")]
    pub stop_reason: Option<String>,
    /// `toolResult`: the call that it answers.
    #[napi(ts_type = "string")]
    pub tool_call_id: Option<String>,
    #[napi(ts_type = "string")]
    pub tool_name: Option<String>,
    #[napi(ts_type = "boolean")]
    pub is_error: Option<String>,
}

/// A content block of any type; which fields count follows from `type`.
#[napi(object, object_to_js = false)]
pub struct GeminiCliContentBlock {
    #[napi(ts_type = "'text' | 'thinking' | 'image' | 'toolCall'")]
    pub r#type: String,
    #[napi(ts_type = "string")]
    pub text: Option<String>,
    #[napi(ts_type = "string")]
    pub text_signature: Option<String>,
    #[napi(ts_type = "string")]
    pub thinking: Option<String>,
    #[napi(ts_type = "string")]
    pub thinking_signature: Option<String>,
    #[napi(ts_type = "boolean")]
    pub redacted: Option<String>,
    /// `image`: base64.
    #[napi(ts_type = "string")]
    pub data: Option<String>,
    #[napi(ts_type = "string")]
    pub mime_type: Option<String>,
    #[napi(ts_type = "string")]
    pub id: Option<String>,
    #[napi(ts_type = "string")]
    pub name: Option<String>,
    /// `toolCall`: the arguments, an object.
    #[napi(ts_type = "any")]
    pub arguments: Option<String>,
    #[napi(ts_type = "string")]
    pub thought_signature: Option<String>,
}

/// A tool that the model may call.
#[napi(object, object_to_js = false)]
pub struct GeminiCliTool {
    #[napi(ts_type = "string")]
    pub name: String,
    #[napi(ts_type = "string")]
    pub description: String,
    /// JSON Schema.
    #[napi(ts_type = "object")]
    pub parameters: String,
}

/// Options of `streamGoogleGeminiCli` and `requestGeminiCli`. Keys that are not listed are ignored.
#[napi(object, object_to_js = false)]
pub struct GeminiCliOptions {
    /// JSON text: `{"token": …, "projectId": …}`.
    #[napi(ts_type = "string")]
    pub api_key: Option<String>,
    /// Ends the request at once and closes its connection.
    #[napi(ts_type = "AbortSignal | null")]
    pub signal: Option<String>,
    #[napi(ts_type = "number | null")]
    pub temperature: Option<String>,
    #[napi(ts_type = "number | null")]
    pub max_tokens: Option<String>,
    #[napi(ts_type = "string | null")]
    pub session_id: Option<String>,
    /// Sent with the request; they win over every other header.
    #[napi(ts_type = "Record<string, string | null> | null")]
    pub headers: Option<String>,
    /// What the sender says about itself. Default: this package's own name and version.
    #[napi(ts_type = "GeminiCliIdentity | null")]
    pub identity: Option<String>,
    /// Sees the body before it is sent, and may change or (by its value) replace it. Awaited.
    #[napi(ts_type = "(payload: any, model: any) => unknown")]
    pub on_payload: Option<String>,
    /// Sees the head of every response. Awaited.
    #[napi(ts_type = "(response: GeminiCliResponseHead, model: any) => unknown")]
    pub on_response: Option<String>,
    /// When a request is sent again. `transient` (default): server faults and network errors up to 3 times, a 429 never.
    /// `none`: never. `short`: also a 429, when the stated wait is at most `maxRetryDelayMs`.
    #[napi(ts_type = "'none' | 'transient' | 'short' | null")]
    pub retry: Option<String>,
    /// The first pause before a repetition in milliseconds; it doubles. Default 1000.
    #[napi(ts_type = "number | null")]
    pub retry_delay_ms: Option<String>,
    /// The longest stated wait that `short` sits out, in milliseconds. Default 60000; 0 is no limit.
    #[napi(ts_type = "number | null")]
    pub max_retry_delay_ms: Option<String>,
    /// How a rate limit is worded. `status` (default): `Cloud Code Assist API error (429): …`. `quota`: words that hosts take
    /// for a rate limit but that pi's own session does not repeat by itself.
    #[napi(ts_type = "'status' | 'quota' | null")]
    pub rate_limit_text: Option<String>,
    /// Milliseconds for a connection, TLS and proxy included. Default 10000; 0 is off.
    #[napi(ts_type = "number | null")]
    pub connect_timeout_ms: Option<String>,
    /// Milliseconds from sending to the first event. Default 300000; 0 is off.
    #[napi(ts_type = "number | null")]
    pub first_event_timeout_ms: Option<String>,
    /// Milliseconds of silence between two reads. Default 300000; 0 is off.
    #[napi(ts_type = "number | null")]
    pub idle_timeout_ms: Option<String>,
    /// Milliseconds for everything. Default 0: off.
    #[napi(ts_type = "number | null")]
    pub total_timeout_ms: Option<String>,
    /// A proxy URL (http, https, socks4, socks5), or `false` for a direct connection. Default: what `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say at the call.
    #[napi(ts_type = "string | false | null")]
    pub proxy: Option<String>,
    /// The largest single event that is read. Default 33554432.
    #[napi(ts_type = "number | null")]
    pub max_frame_bytes: Option<String>,
    #[napi(ts_type = "'auto' | 'none' | 'any' | null")]
    pub tool_choice: Option<String>,
    /// Default: not sent.
    #[napi(ts_type = "GeminiCliThinking | null")]
    pub thinking: Option<String>,
}

/// What `streamSimpleGoogleGeminiCli` takes in place of `toolChoice` and `thinking`.
#[napi(object, object_to_js = false)]
pub struct GeminiCliReasoningOptions {
    /// How hard to think. Default: not at all.
    #[napi(ts_type = "'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | null")]
    pub reasoning: Option<String>,
    /// Token budgets by `reasoning`. Default 1024, 2048, 8192, 16384.
    #[napi(ts_type = "GeminiCliThinkingBudgets | null")]
    pub thinking_budgets: Option<String>,
}

/// How much the model may think.
#[napi(object, object_to_js = false)]
pub struct GeminiCliThinking {
    #[napi(ts_type = "boolean")]
    pub enabled: String,
    /// Gemini 2.x: tokens.
    #[napi(ts_type = "number | null")]
    pub budget_tokens: Option<String>,
    /// Gemini 3: a level. It wins over `budgetTokens`.
    #[napi(ts_type = "'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH' | (string & {}) | null")]
    pub level: Option<String>,
}

/// Token budgets.
#[napi(object, object_to_js = false)]
pub struct GeminiCliThinkingBudgets {
    #[napi(ts_type = "number | null")]
    pub minimal: Option<String>,
    #[napi(ts_type = "number | null")]
    pub low: Option<String>,
    #[napi(ts_type = "number | null")]
    pub medium: Option<String>,
    #[napi(ts_type = "number | null")]
    pub high: Option<String>,
}

/// What the sender says about itself, when it is not this package.
#[napi(object, object_to_js = false)]
pub struct GeminiCliIdentity {
    /// For example `User-Agent`.
    #[napi(ts_type = "Record<string, string | null> | null")]
    pub headers: Option<String>,
    /// The body's `userAgent`.
    #[napi(ts_type = "string | null")]
    pub user_agent: Option<String>,
    /// The body's `requestType`. Default: not sent.
    #[napi(ts_type = "string | null")]
    pub request_type: Option<String>,
    /// Comes before the conversation's system prompt.
    #[napi(ts_type = "string | string[] | null")]
    pub system_instruction: Option<String>,
}

/// The head of a response.
#[napi(object, object_to_js = false)]
pub struct GeminiCliResponseHead {
    #[napi(ts_type = "number")]
    pub status: String,
    /// Names in lower case.
    #[napi(ts_type = "Record<string, string>")]
    pub headers: String,
}
