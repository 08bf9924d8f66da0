//! What the request functions give back, as TypeScript sees it. The objects are made in `js/message_stream.js`, so these
//! structs only give `index.d.ts` its interfaces.

#![expect(dead_code, reason = "shapes for index.d.ts; nothing in Rust builds them")]

use napi::bindgen_prelude::Either7;
use napi_derive::napi;

/// A running request: `for await` its events, or await `result()`, or both. Leaving the loop early closes the connection.
/// An ordinary object: hosts may replace its methods.
#[napi(object, object_to_js = false)]
pub struct GeminiCliStream {
    /// The final message, also when nobody reads the events. Never rejects.
    #[napi(ts_type = "() => Promise<GeminiCliMessage>")]
    pub result: String,
}

/// The answer. While it streams it grows in place.
#[napi(object, object_to_js = false)]
pub struct GeminiCliMessage {
    #[napi(ts_type = "'assistant'")]
    pub role: String,
    #[napi(ts_type = "Array<GeminiCliTextBlock | GeminiCliThinkingBlock | GeminiCliToolCall>")]
    pub content: String,
    #[napi(ts_type = "'google-gemini-cli'")]
    pub api: String,
    #[napi(ts_type = "string")]
    pub provider: String,
    #[napi(ts_type = "string")]
    pub model: String,
    #[napi(ts_type = "string")]
    pub response_id: Option<String>,
    #[napi(ts_type = "GeminiCliUsage")]
    pub usage: String,
    #[napi(ts_type = "'stop' | 'length' | 'toolUse' | 'error' | 'aborted'")]
    pub stop_reason: String,
    /// For people, and for hosts that match on it.
    #[napi(ts_type = "string")]
    pub error_message: Option<String>,
    /// What went wrong, for the program.
    #[napi(ts_type = "GeminiCliFailure")]
    pub failure: Option<String>,
    /// The caller's `signal.reason`, after an abort. Not enumerable, so that it is neither copied nor written to disk.
    #[napi(ts_type = "unknown")]
    pub cause: Option<String>,
    /// `Date.now()` of the call.
    #[napi(ts_type = "number")]
    pub timestamp: String,
}

/// Text of the answer.
#[napi(object, object_to_js = false)]
pub struct GeminiCliTextBlock {
    #[napi(ts_type = "'text'")]
    pub r#type: String,
    #[napi(ts_type = "string")]
    pub text: String,
    #[napi(ts_type = "string")]
    pub text_signature: Option<String>,
}

/// Thoughts of the model.
#[napi(object, object_to_js = false)]
pub struct GeminiCliThinkingBlock {
    #[napi(ts_type = "'thinking'")]
    pub r#type: String,
    #[napi(ts_type = "string")]
    pub thinking: String,
    #[napi(ts_type = "string")]
    pub thinking_signature: Option<String>,
}

/// A call that the model wants to be made.
#[napi(object, object_to_js = false)]
pub struct GeminiCliToolCall {
    #[napi(ts_type = "'toolCall'")]
    pub r#type: String,
    /// The server's, or one of ours where it gave none.
    #[napi(ts_type = "string")]
    pub id: String,
    #[napi(ts_type = "string")]
    pub name: String,
    #[napi(ts_type = "any")]
    pub arguments: String,
    #[napi(ts_type = "string")]
    pub thought_signature: Option<String>,
}

/// Tokens and dollars.
#[napi(object, object_to_js = false)]
pub struct GeminiCliUsage {
    /// Without what was read from the cache.
    #[napi(ts_type = "number")]
    pub input: String,
    /// With thoughts.
    #[napi(ts_type = "number")]
    pub output: String,
    #[napi(ts_type = "number")]
    pub cache_read: String,
    #[napi(ts_type = "number")]
    pub cache_write: String,
    #[napi(ts_type = "number")]
    pub total_tokens: String,
    #[napi(ts_type = "GeminiCliUsageCost")]
    pub cost: String,
}

/// Dollars.
#[napi(object, object_to_js = false)]
pub struct GeminiCliUsageCost {
    #[napi(ts_type = "number")]
    pub input: String,
    #[napi(ts_type = "number")]
    pub output: String,
    #[napi(ts_type = "number")]
    pub cache_read: String,
    #[napi(ts_type = "number")]
    pub cache_write: String,
    #[napi(ts_type = "number")]
    pub total: String,
}

/// What had happened to a request when it failed. Beside the record of `classifyFailure` this is a `GeminiCliFailure`.
#[napi(object, object_to_js = false)]
pub struct GeminiCliProgress {
    /// HTTP requests that were sent.
    #[napi(ts_type = "number")]
    pub requests: String,
    #[napi(ts_type = "number")]
    pub events_delivered: String,
    /// Nothing of the answer has been delivered: the request may be sent again.
    #[napi(ts_type = "boolean")]
    pub replay_safe: String,
    /// Which timer fired (`class: 'timeout'`).
    #[napi(ts_type = "'connect' | 'first_event' | 'idle' | 'total'")]
    pub phase: Option<String>,
    /// `caller`: an abort or an early end of the loop. `addon`: one of our timers.
    #[napi(ts_type = "'caller' | 'addon'")]
    pub caused_by: Option<String>,
    /// The input that cannot be used.
    #[napi(ts_type = "string")]
    pub field: Option<String>,
    /// What had failed before an abort or a timeout ended the wait for another try.
    #[napi(ts_type = "Failure")]
    pub previous: Option<String>,
}

/// The first event.
#[napi(object, object_to_js = false)]
pub struct GeminiCliStartEvent {
    #[napi(ts_type = "'start'")]
    pub r#type: String,
    /// The message so far: one object that grows.
    #[napi(ts_type = "GeminiCliMessage")]
    pub partial: String,
}

/// A block begins. A tool call is complete from its start.
#[napi(object, object_to_js = false)]
pub struct GeminiCliBlockStartEvent {
    #[napi(ts_type = "'text_start' | 'thinking_start' | 'toolcall_start'")]
    pub r#type: String,
    #[napi(ts_type = "number")]
    pub content_index: String,
    /// The message so far: one object that grows.
    #[napi(ts_type = "GeminiCliMessage")]
    pub partial: String,
}

/// A block grows.
#[napi(object, object_to_js = false)]
pub struct GeminiCliDeltaEvent {
    #[napi(ts_type = "'text_delta' | 'thinking_delta' | 'toolcall_delta'")]
    pub r#type: String,
    #[napi(ts_type = "number")]
    pub content_index: String,
    #[napi(ts_type = "string")]
    pub delta: String,
    /// The message so far: one object that grows.
    #[napi(ts_type = "GeminiCliMessage")]
    pub partial: String,
}

/// A block is complete.
#[napi(object, object_to_js = false)]
pub struct GeminiCliBlockEndEvent {
    #[napi(ts_type = "'text_end' | 'thinking_end'")]
    pub r#type: String,
    #[napi(ts_type = "number")]
    pub content_index: String,
    #[napi(ts_type = "string")]
    pub content: String,
    /// The message so far: one object that grows.
    #[napi(ts_type = "GeminiCliMessage")]
    pub partial: String,
}

/// A tool call is complete.
#[napi(object, object_to_js = false)]
pub struct GeminiCliToolCallEndEvent {
    #[napi(ts_type = "'toolcall_end'")]
    pub r#type: String,
    #[napi(ts_type = "number")]
    pub content_index: String,
    #[napi(ts_type = "GeminiCliToolCall")]
    pub tool_call: String,
    /// The message so far: one object that grows.
    #[napi(ts_type = "GeminiCliMessage")]
    pub partial: String,
}

/// The last event of an answer that is complete.
#[napi(object, object_to_js = false)]
pub struct GeminiCliDoneEvent {
    #[napi(ts_type = "'done'")]
    pub r#type: String,
    #[napi(ts_type = "'stop' | 'length' | 'toolUse'")]
    pub reason: String,
    #[napi(ts_type = "GeminiCliMessage")]
    pub message: String,
}

/// The last event of any other answer.
#[napi(object, object_to_js = false)]
pub struct GeminiCliErrorEvent {
    #[napi(ts_type = "'error'")]
    pub r#type: String,
    #[napi(ts_type = "'error' | 'aborted'")]
    pub reason: String,
    #[napi(ts_type = "GeminiCliMessage")]
    pub error: String,
}

/// One event of a stream.
#[napi]
pub type GeminiCliEvent = Either7<
    GeminiCliStartEvent,
    GeminiCliBlockStartEvent,
    GeminiCliDeltaEvent,
    GeminiCliBlockEndEvent,
    GeminiCliToolCallEndEvent,
    GeminiCliDoneEvent,
    GeminiCliErrorEvent,
>;

/// What would be sent.
#[napi(object, object_to_js = false)]
pub struct GeminiCliRequest {
    #[napi(ts_type = "string")]
    pub url: String,
    /// Without the credential.
    #[napi(ts_type = "Record<string, string>")]
    pub headers: String,
    /// The body before it is written as JSON.
    #[napi(ts_type = "any")]
    pub body: String,
}
