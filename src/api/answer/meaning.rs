//! What one event, or one document, of an answer means, for each API.
//!
//! Invariant: an API that is not known here still fails over: what states an error is one, and all else is content. What
//! only announces an answer (a role, an empty block, a ping) is nothing, because an error may still come instead.

use crate::failure::read::body::{holds_error, states_error};
use crate::failure::read::json::Json;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Nothing,
    /// Something of the answer, or its end: no other account may be asked any more.
    Content,
    Error,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) kind: Kind,
    /// Why the answer ended, in the API's own word.
    pub(crate) finish: Option<String>,
    /// Nothing follows.
    pub(crate) is_last: bool,
    /// A stream of this API says when it is over: without that it was cut.
    pub(crate) has_end: bool,
}

impl Meaning {
    fn new(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    fn of_stream(is_content: bool) -> Self {
        let kind = if is_content { Kind::Content } else { Kind::Nothing };
        Self { has_end: true, ..Self::new(kind) }
    }

    /// An answer that has ended is one, even an empty one.
    fn finished(self, reason: Option<&str>) -> Self {
        match reason {
            Some(reason) if reason.eq_ignore_ascii_case("error") => Self::new(Kind::Error),
            Some(reason) => Self { kind: Kind::Content, finish: Some(reason.to_owned()), ..self },
            None => self,
        }
    }
}

/// `event` is the name of a server-sent event, and empty where it has none.
pub(crate) fn of_event(value: &Json<'_>, event: &str) -> Meaning {
    if event == "error" || is_refusal(value) {
        return Meaning::new(Kind::Error);
    }
    let known = chat(value)
        .or_else(|| responses(value))
        .or_else(|| anthropic(value))
        .or_else(|| google(value))
        .or_else(|| cohere(value))
        .or_else(|| ollama(value));
    known.unwrap_or_else(|| other(value))
}

/// A whole document, or a value of many in a body of JSON.
pub(crate) fn of_document(value: &Json<'_>) -> Meaning {
    let meaning = if is_refusal(value) { Meaning::new(Kind::Error) } else { of_event(value, "") };
    // Its closing bracket is the end; only Ollama's lines say more.
    let has_end = meaning.has_end && value.get("done").is_some();
    Meaning { has_end, ..meaning }
}

/// It names an error, whatever else it is. A record of another kind (a job, a batch, a file) may keep one of its own: then
/// the answer to a question for that record is good.
fn is_refusal(value: &Json<'_>) -> bool {
    const ANSWERS: [&str; 6] = [
        "error",
        "list",
        "response",
        "chat.completion",
        "chat.completion.chunk",
        "text_completion",
    ];
    let is_answer = text(value, "object").is_none_or(|object| ANSWERS.contains(&object));
    is_answer && states_error(value)
}

fn other(value: &Json<'_>) -> Meaning {
    let is_record = text(value, "object").is_some_and(|object| object != "error");
    let is_error = !is_record && holds_error(value);
    let is_sign = is_announcement(text(value, "type").unwrap_or_default());
    Meaning::new(match () {
        () if is_error => Kind::Error,
        () if is_sign || value.members().is_empty() && value.is_container() => Kind::Nothing,
        () => Kind::Content,
    })
}

fn is_announcement(kind: &str) -> bool {
    matches!(kind, "ping" | "keepalive" | "heartbeat")
}

/// Chat completions and the older completions of `OpenAI`, and of the many that speak like it.
fn chat(value: &Json<'_>) -> Option<Meaning> {
    let choices = value.get("choices")?.list();
    let is_stream = text(value, "object") == Some("chat.completion.chunk")
        || choices.iter().any(|choice| choice.get("delta").is_some());
    let has_content = |choice: &Json<'_>| {
        let said = choice.any(&["delta", "message"]).unwrap_or(choice);
        is_some_text(choice, "text") || says_something(said)
    };
    let meaning =
        Meaning { has_end: is_stream, ..Meaning::of_stream(choices.iter().any(has_content)) };
    let failed = choices.iter().any(states_error);
    if failed && meaning.kind == Kind::Nothing {
        return Some(Meaning::new(Kind::Error));
    }
    Some(meaning.finished(choices.iter().find_map(|choice| text(choice, "finish_reason"))))
}

/// Whether a message, or a piece of one, has anything besides its role.
fn says_something(message: &Json<'_>) -> bool {
    const FIELDS: [&str; 10] = [
        "content",
        "reasoning_content",
        "reasoning",
        "reasoning_details",
        "thinking",
        "refusal",
        "tool_calls",
        "function_call",
        "audio",
        "images",
    ];
    FIELDS.iter().any(|field| is_some_text(message, field) || is_filled(message.get(field)))
}

/// `OpenAI`'s Responses API: events, and the response itself.
fn responses(value: &Json<'_>) -> Option<Meaning> {
    if text(value, "object") == Some("response") {
        return Some(match text(value, "status") {
            Some("failed") => Meaning::new(Kind::Error),
            status => Meaning::new(Kind::Content).finished(status),
        });
    }
    let kind = text(value, "type")?.strip_prefix("response.")?;
    let response = value.get("response");
    let reason = || {
        let details = response.and_then(|response| response.get("incomplete_details"));
        details.and_then(|details| text(details, "reason")).unwrap_or("incomplete").to_owned()
    };
    let last = |finish: String| Meaning {
        kind: Kind::Content,
        finish: Some(finish),
        is_last: true,
        has_end: true,
    };
    Some(match kind {
        "failed" => Meaning::new(Kind::Error),
        "completed" => last("completed".to_owned()),
        "incomplete" => last(reason()),
        "created"
        | "queued"
        | "in_progress"
        | "content_part.added"
        | "reasoning_summary_part.added" => Meaning::of_stream(false),
        "output_item.added" => {
            let item = value.get("item").and_then(|item| text(item, "type"));
            Meaning::of_stream(!matches!(item, Some("message" | "reasoning")))
        }
        _ => Meaning::of_stream(true),
    })
}

fn anthropic(value: &Json<'_>) -> Option<Meaning> {
    let kind = text(value, "type")?;
    Some(match kind {
        "error" => Meaning::new(Kind::Error),
        "message" => Meaning::new(Kind::Content).finished(text(value, "stop_reason")),
        "message_start" | "content_block_stop" => Meaning::of_stream(false),
        "content_block_start" => {
            let block = value.get("content_block");
            let is_tool = block.and_then(|block| text(block, "type"));
            let is_empty = matches!(is_tool, Some("text" | "thinking"))
                && block.is_some_and(|block| {
                    !["text", "thinking"].iter().any(|it| is_some_text(block, it))
                });
            Meaning::of_stream(!is_empty)
        }
        "content_block_delta" => Meaning::of_stream(true),
        "message_delta" => {
            let reason = value.get("delta").and_then(|delta| text(delta, "stop_reason"));
            Meaning::of_stream(false).finished(reason)
        }
        "message_stop" => Meaning { is_last: true, ..Meaning::of_stream(true) },
        _ => return None,
    })
}

/// Gemini, also where Cloud Code Assist wraps it.
fn google(value: &Json<'_>) -> Option<Meaning> {
    let value = value.get("response").unwrap_or(value);
    let blocked = value.get("promptFeedback").and_then(|it| text(it, "blockReason"));
    let candidates = value.get("candidates");
    if candidates.is_none() && blocked.is_none() && value.get("usageMetadata").is_none() {
        return None;
    }
    let candidates = candidates.map(Json::list).unwrap_or_default();
    let has_parts = |candidate: &Json<'_>| {
        let parts = candidate.get("content").and_then(|content| content.get("parts"));
        parts.is_some_and(|parts| parts.list().iter().any(has_part))
    };
    let reason = candidates.iter().find_map(|candidate| text(candidate, "finishReason"));
    Some(Meaning::of_stream(candidates.iter().any(has_parts)).finished(blocked.or(reason)))
}

/// A part with no text but an empty one is nothing.
fn has_part(part: &Json<'_>) -> bool {
    let is_text = |name: &str| matches!(name, "text" | "thought");
    is_some_text(part, "text") || part.members().iter().any(|(name, _)| !is_text(name))
}

/// Cohere's second version.
fn cohere(value: &Json<'_>) -> Option<Meaning> {
    let kind = text(value, "type")?;
    Some(match kind {
        "message-start" | "content-start" | "content-end" => Meaning::of_stream(false),
        "content-delta" | "tool-plan-delta" | "tool-call-start" | "tool-call-delta" => {
            Meaning::of_stream(true)
        }
        "message-end" => {
            let reason = value.get("delta").and_then(|delta| text(delta, "finish_reason"));
            Meaning { is_last: true, ..Meaning::of_stream(true) }.finished(reason)
        }
        _ => return None,
    })
}

fn ollama(value: &Json<'_>) -> Option<Meaning> {
    let done = value.get("done")?;
    let says = value.get("message").is_some_and(says_something)
        || is_some_text(value, "response")
        || is_some_text(value, "thinking");
    let meaning = Meaning::of_stream(says);
    if *done != Json::Bool(true) {
        return Some(meaning);
    }
    let reason = text(value, "done_reason").unwrap_or("stop");
    Some(Meaning { is_last: true, ..meaning }.finished(Some(reason)))
}

fn text<'v>(value: &'v Json<'_>, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Json::text)
}

/// Also a blank: it is passed on like any other text.
fn is_some_text(value: &Json<'_>, name: &str) -> bool {
    matches!(value.get(name), Some(Json::Text(text)) if !text.is_empty())
}

fn is_filled(value: Option<&Json<'_>>) -> bool {
    value.is_some_and(|value| !value.list().is_empty() || !value.members().is_empty())
}
