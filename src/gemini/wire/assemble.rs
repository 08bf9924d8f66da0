//! Frames in, updates of the assistant message out.
//!
//! Invariant: blocks open and close in pairs and in order, nothing comes before `Start`, and how the stream ended is
//! asked once, at the end ([`Assembler::finish`]).

use std::collections::HashSet;

use serde_json::value::RawValue;

use super::chunk::{Candidate, Chunk, FunctionCall, Part, Response, UsageMetadata};
use crate::api::answer::sse::Frame;
use crate::gemini::call::usage::{Cost, Spent, Usage};
use crate::gemini::literal::{Raw, decode, string_inner, truthy};

/// JSON text that is handed on as it came.
pub(crate) type Json = Box<RawValue>;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Text,
    Thinking,
}

/// One change of the message. [`Update::events`] says how many public events it makes.
#[derive(Debug)]
pub(crate) enum Update {
    Start,
    Open(BlockKind),
    Delta(Json),
    Close,
    /// The open block's signature; the last one that is not empty counts.
    Signature(Json),
    ToolCall {
        id: String,
        name: Option<Json>,
        arguments: Option<Json>,
        signature: Option<Json>,
    },
    Usage(Usage, Spent),
    ResponseId(Json),
}

impl Update {
    /// How many events of the public stream this is.
    #[must_use]
    pub(crate) fn events(&self) -> u64 {
        match self {
            Self::Start | Self::Open(_) | Self::Delta(_) | Self::Close => 1,
            Self::ToolCall { .. } => 3,
            Self::Signature(_) | Self::Usage(..) | Self::ResponseId(_) => 0,
        }
    }
}

/// A frame that ends the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StreamFault {
    /// The server reported an error inside its 200: the frame's text.
    Error(String),
    /// The frame is not what the protocol allows, so a part of the answer is lost.
    Malformed,
}

/// What the stream as a whole was, once it has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Stop,
    Length,
    ToolUse,
    /// The server gave up, by name (`SAFETY`, `MALFORMED_FUNCTION_CALL`, …) and perhaps in words.
    Refused {
        reason: String,
        words: Option<String>,
    },
    /// Nothing that a reader could see.
    Empty,
    /// It ended before the server said that it was complete.
    Truncated,
}

/// Gives ids to tool calls that came without one (or with one that is taken); gets the tool's name.
pub(crate) type IdSource = Box<dyn FnMut(&str) -> String + Send>;

/// The state of one response.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the stream")]
pub(crate) struct Assembler {
    new_id: IdSource,
    cost: Cost,
    started: bool,
    open: Option<BlockKind>,
    call_ids: HashSet<String>,
    saw_text: bool,
    saw_frame: bool,
    finish: Option<(String, Option<String>)>,
    blocked: Option<String>,
    has_response_id: bool,
    has_usage: bool,
}

impl std::fmt::Debug for Assembler {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Assembler").field("open", &self.open).finish_non_exhaustive()
    }
}

impl Assembler {
    #[must_use]
    pub(crate) fn new(new_id: IdSource, cost: Cost) -> Self {
        Self {
            new_id,
            cost,
            started: false,
            open: None,
            call_ids: HashSet::new(),
            saw_text: false,
            saw_frame: false,
            finish: None,
            blocked: None,
            has_response_id: false,
            has_usage: false,
        }
    }

    /// Reads one frame and appends what it changes. Updates before a fault are valid.
    pub(crate) fn push(
        &mut self,
        frame: &Frame,
        updates: &mut Vec<Update>,
    ) -> Result<(), StreamFault> {
        let text = String::from_utf8_lossy(&frame.data);
        let text = text.trim();
        if text.is_empty() || text == "[DONE]" {
            return Ok(());
        }
        self.saw_frame = true;
        if text.starts_with('{')
            && let Ok(chunk) = serde_json::from_str::<Chunk<'_>>(text)
        {
            return self.chunk(&chunk, text, updates);
        }
        // Some servers put several `data` lines, each a value of its own, into one event.
        for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
            let value = value.map_err(|_| StreamFault::Malformed)?.get();
            if value.starts_with('{') {
                let chunk = serde_json::from_str(value).map_err(|_| StreamFault::Malformed)?;
                self.chunk(&chunk, value, updates)?;
            } else if value.starts_with('[') && value.contains("\"error\"") {
                return Err(StreamFault::Error(value.to_owned()));
            }
        }
        Ok(())
    }

    /// The server has said why it stopped.
    #[must_use]
    pub(crate) fn is_finished(&self) -> bool {
        self.finish.is_some() || self.blocked.is_some()
    }

    /// Token counts have come.
    #[must_use]
    pub(crate) fn has_usage(&self) -> bool {
        self.has_usage
    }

    /// Whether any frame has come, of any kind.
    #[must_use]
    pub(crate) fn saw_frame(&self) -> bool {
        self.saw_frame
    }

    /// The stream has ended: closes the open block and says what the whole was.
    pub(crate) fn finish(&mut self, updates: &mut Vec<Update>) -> Ending {
        let ending = self.ending();
        // A block that was cut off never gets its end event: it is not complete.
        if ending != Ending::Truncated {
            self.close(updates);
        }
        ending
    }

    fn ending(&mut self) -> Ending {
        if let Some(reason) = self.blocked.take() {
            return Ending::Refused { reason, words: None };
        }
        let has_calls = !self.call_ids.is_empty();
        match self.finish.take() {
            None if self.started => Ending::Truncated,
            None => Ending::Empty,
            Some((reason, words)) => match reason.as_str() {
                "STOP" | "MAX_TOKENS" if has_calls => Ending::ToolUse,
                "STOP" if !self.saw_text => Ending::Empty,
                "STOP" => Ending::Stop,
                "MAX_TOKENS" if !self.started => Ending::Empty,
                "MAX_TOKENS" => Ending::Length,
                _ => Ending::Refused { reason, words },
            },
        }
    }

    fn chunk(
        &mut self,
        chunk: &Chunk<'_>,
        text: &str,
        updates: &mut Vec<Update>,
    ) -> Result<(), StreamFault> {
        if truthy(chunk.error) {
            return Err(StreamFault::Error(text.to_owned()));
        }
        if let Some(response) = &chunk.response {
            self.response(response, updates);
        }
        Ok(())
    }

    fn response(&mut self, response: &Response<'_>, updates: &mut Vec<Update>) {
        if let Some(id) = response.response_id
            && truthy(response.response_id)
            && !self.has_response_id
        {
            self.has_response_id = true;
            updates.push(Update::ResponseId(id.to_owned()));
        }
        if let Some(candidate) = response.candidates.as_ref().and_then(|all| all.first()) {
            self.candidate(candidate, updates);
        }
        if let Some(reason) =
            response.prompt_feedback.as_ref().and_then(|it| it.block_reason.clone())
        {
            self.blocked = Some(reason);
        }
        if let Some(usage) = &response.usage_metadata {
            self.has_usage = true;
            let usage = count(usage);
            updates.push(Update::Usage(usage, self.cost.of(usage)));
        }
    }

    fn candidate(&mut self, candidate: &Candidate<'_>, updates: &mut Vec<Update>) {
        let parts = candidate.content.as_ref().and_then(|content| content.parts.as_ref());
        for part in parts.into_iter().flatten() {
            self.text(part, updates);
            if let Some(call) = &part.function_call {
                self.call(call, part.thought_signature, updates);
            }
        }
        if let Some(reason) = candidate.finish_reason.as_ref().filter(|reason| !reason.is_empty()) {
            self.finish = Some((reason.clone(), candidate.finish_message.clone()));
        }
    }

    fn text(&mut self, part: &Part<'_>, updates: &mut Vec<Update>) {
        let Some(text) = part.text.filter(|text| text.get().starts_with('"')) else { return };
        let kind = if part.thought.is_some_and(|thought| thought.get() == "true") {
            BlockKind::Thinking
        } else {
            self.saw_text |= text.get() != "\"\"";
            BlockKind::Text
        };
        if self.open != Some(kind) {
            self.close(updates);
            self.start(updates);
            self.open = Some(kind);
            updates.push(Update::Open(kind));
        }
        if let Some(signature) = signature(part.thought_signature) {
            updates.push(Update::Signature(signature));
        }
        updates.push(Update::Delta(text.to_owned()));
    }

    fn call(&mut self, call: &FunctionCall<'_>, sign: Raw<'_>, updates: &mut Vec<Update>) {
        self.close(updates);
        self.start(updates);
        let given = decode(call.id).filter(|id| !id.is_empty() && !self.call_ids.contains(id));
        let id = given.unwrap_or_else(|| (self.new_id)(&decode(call.name).unwrap_or_default()));
        self.call_ids.insert(id.clone());
        updates.push(Update::ToolCall {
            id,
            name: call.name.map(RawValue::to_owned),
            arguments: call.args.map(RawValue::to_owned),
            signature: signature(sign),
        });
    }

    fn start(&mut self, updates: &mut Vec<Update>) {
        if !self.started {
            self.started = true;
            updates.push(Update::Start);
        }
    }

    fn close(&mut self, updates: &mut Vec<Update>) {
        updates.extend(self.open.take().map(|_| Update::Close));
    }
}

fn signature(raw: Raw<'_>) -> Option<Json> {
    string_inner(raw).filter(|inner| !inner.is_empty())?;
    raw.map(RawValue::to_owned)
}

fn count(usage: &UsageMetadata) -> Usage {
    let cache_read = usage.cached_content_token_count.unwrap_or(0.0);
    Usage {
        input: usage.prompt_token_count.unwrap_or(0.0) - cache_read,
        output: usage.candidates_token_count.unwrap_or(0.0)
            + usage.thoughts_token_count.unwrap_or(0.0),
        cache_read,
        total: usage.total_token_count.unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests;
