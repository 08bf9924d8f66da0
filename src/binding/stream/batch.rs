//! What a stream's Rust half tells its JavaScript half: one JSON array of operations, each a number and its operands.
//!
//! The numbers and the order of operands are those of `js/message_stream.js`. Texts are copied as the server wrote
//! them; nothing is decoded and encoded again.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::failure::Class;
use crate::gemini::wire::assemble::{BlockKind, Update};
use crate::gemini::{Batch, Failed, Message, Outcome, StopReason};

const START: u8 = 0;
const OPEN_TEXT: u8 = 1;
const OPEN_THINKING: u8 = 2;
const DELTA: u8 = 3;
const CLOSE: u8 = 4;
const SIGNATURE: u8 = 5;
const TOOL_CALL: u8 = 6;
const USAGE: u8 = 7;
const RESPONSE_ID: u8 = 8;
const ASK_PAYLOAD: u8 = 9;
const ASK_RESPONSE: u8 = 10;
const PLAIN_TEXT_HOST: u8 = 11;
const DONE: u8 = 12;
const FAILED: u8 = 13;

/// The text that crosses.
pub(crate) fn encode(batch: &Batch) -> String {
    let mut ops = Ops(String::with_capacity(1024));
    ops.0.push('[');
    for message in &batch.messages {
        match message {
            Message::Updates(updates) => updates.iter().for_each(|update| ops.update(update)),
            Message::Payload(body) => {
                ops.op(ASK_PAYLOAD);
                ops.raw(&String::from_utf8_lossy(body));
            }
            Message::Response { status, headers } => {
                ops.op(ASK_RESPONSE);
                ops.json(&ResponseHead { status: *status, headers: HeaderMap(headers) });
            }
            Message::PlainTextHost(host) => {
                ops.op(PLAIN_TEXT_HOST);
                ops.json(host);
            }
        }
    }
    match &batch.outcome {
        None => {}
        Some(Outcome::Done(reason)) => {
            ops.op(DONE);
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

    fn op(&mut self, op: u8) {
        self.separate();
        let _ = write!(self.0, "{op}");
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
            Update::Start => self.op(START),
            Update::Open(BlockKind::Text) => self.op(OPEN_TEXT),
            Update::Open(BlockKind::Thinking) => self.op(OPEN_THINKING),
            Update::Delta(text) => {
                self.op(DELTA);
                self.raw(text.get());
            }
            Update::Close => self.op(CLOSE),
            Update::Signature(signature) => {
                self.op(SIGNATURE);
                self.raw(signature.get());
            }
            Update::ToolCall { id, name, arguments, signature } => {
                self.op(TOOL_CALL);
                self.json(id);
                self.optional(name.as_deref());
                self.optional(arguments.as_deref());
                self.optional(signature.as_deref());
            }
            Update::Usage(usage, spent) => {
                self.op(USAGE);
                let tokens = [usage.input, usage.output, usage.cache_read, usage.total];
                let dollars = [spent.input, spent.output, spent.cache_read, spent.total];
                tokens.iter().chain(&dollars).for_each(|number| self.json(number));
            }
            Update::ResponseId(id) => {
                self.op(RESPONSE_ID);
                self.raw(id.get());
            }
        }
    }

    fn failed(&mut self, failed: &Failed) {
        let reason = if failed.failure.class == Class::Aborted { "aborted" } else { "error" };
        self.op(FAILED);
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
