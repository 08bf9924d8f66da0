//! What a stream's Rust half tells its JavaScript half: one JSON array of operations, each a number and its operands.
//!
//! The numbers are [`Operation`]'s; `js/message_stream.js` takes the operands in the order in which they stand here. Texts
//! are copied as the server wrote them; nothing is decoded and encoded again.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::value::RawValue;

use super::operation::Operation;
use crate::failure::Class;
use crate::gemini::wire::assemble::{BlockKind, Update};
use crate::gemini::{Batch, Failed, Message, Outcome, StopReason};

/// The text that crosses.
pub(crate) fn encode(batch: &Batch) -> String {
    let mut ops = Ops(String::with_capacity(1024));
    ops.0.push('[');
    for message in &batch.messages {
        match message {
            Message::Updates(updates) => updates.iter().for_each(|update| ops.update(update)),
            Message::Payload(body) => {
                ops.op(Operation::AskPayload);
                ops.raw(&String::from_utf8_lossy(body));
            }
            Message::Response { status, headers } => {
                ops.op(Operation::AskResponse);
                ops.json(&ResponseHead { status: *status, headers: HeaderMap(headers) });
            }
            Message::PlainTextHost(host) => {
                ops.op(Operation::PlainTextHost);
                ops.json(host);
            }
        }
    }
    match &batch.outcome {
        None => {}
        Some(Outcome::Done(reason)) => {
            ops.op(Operation::Done);
            ops.json(match reason {
                StopReason::Stop => "stop",
                StopReason::Length => "length",
                StopReason::ToolUse => "toolUse",
            });
        }
        Some(Outcome::Failed(failed)) => ops.failed(failed),
    }
    ops.0.push(']');
    ops.0
}

struct Ops(String);

impl Ops {
    fn separate(&mut self) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
    }

    fn op(&mut self, operation: Operation) {
        self.separate();
        let _ = write!(self.0, "{}", operation as u8);
    }

    fn raw(&mut self, json: &str) {
        self.separate();
        self.0.push_str(json);
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.raw(&serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned()));
    }

    fn optional(&mut self, json: Option<&RawValue>) {
        self.raw(json.map_or("null", RawValue::get));
    }

    fn update(&mut self, update: &Update) {
        match update {
            Update::Start => self.op(Operation::Start),
            Update::Open(BlockKind::Text) => self.op(Operation::OpenText),
            Update::Open(BlockKind::Thinking) => self.op(Operation::OpenThinking),
            Update::Delta(text) => {
                self.op(Operation::Delta);
                self.raw(text.get());
            }
            Update::Close => self.op(Operation::Close),
            Update::Signature(signature) => {
                self.op(Operation::Signature);
                self.raw(signature.get());
            }
            Update::ToolCall { id, name, arguments, signature } => {
                self.op(Operation::ToolCall);
                self.json(id);
                self.optional(name.as_deref());
                self.optional(arguments.as_deref());
                self.optional(signature.as_deref());
            }
            Update::Usage(usage, spent) => {
                self.op(Operation::Usage);
                let tokens = [usage.input, usage.output, usage.cache_read, usage.total];
                let dollars = [spent.input, spent.output, spent.cache_read, spent.total];
                tokens.iter().chain(&dollars).for_each(|number| self.json(number));
            }
            Update::ResponseId(id) => {
                self.op(Operation::ResponseId);
                self.raw(id.get());
            }
        }
    }

    fn failed(&mut self, failed: &Failed) {
        let reason = if failed.failure.class == Class::Aborted { "aborted" } else { "error" };
        self.op(Operation::Failed);
        self.json(reason);
        self.json(&failed.message);
        self.json(failed);
    }
}

#[derive(Serialize)]
struct ResponseHead<'a> {
    status: u16,
    headers: HeaderMap<'a>,
}

struct HeaderMap<'a>(&'a [(String, String)]);

impl Serialize for HeaderMap<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
