//! Messages of a conversation -> `contents` of the request.
//!
//! Invariant: every tool call that is sent has a result in the next user turn, and what another model thought
//! or signed is never sent back as this model's own.

use std::borrow::Cow;

use super::context::{Block, Context, Message};
use super::history::{CallId, CallIds, History};
use super::parts::{Content, FunctionCall, InlineData, Part};
use super::tool_result::{ToolResult, push_result};
use crate::error::{Error, Result};
use crate::gemini::call::model::Model;
use crate::gemini::literal::{
    Literal, Raw, clean, decode, is_blank, is_string, string_inner, truthy,
};

const NO_IMAGES_FROM_USER: &str = "\"(image omitted: model does not support images)\"";

/// Converts the conversation for `model`. `images` are literals.
pub(crate) fn contents<'a>(
    model: &Model,
    context: &Context<'a>,
    images: &'a [String],
) -> Result<Vec<Content<'a>>> {
    let messages = context
        .messages
        .as_ref()
        .ok_or_else(|| Error::invalid("context.messages", "must be an array"))?;
    let mut conversion = Conversion {
        model,
        images,
        contents: Vec::with_capacity(messages.len()),
        history: History::default(),
        ids: CallIds::default(),
    };
    for (index, message) in messages.iter().enumerate() {
        let field = format!("context.messages[{index}]");
        match string_inner(message.role) {
            Some("user") => conversion.user(message, &field)?,
            Some("assistant") => conversion.assistant(message, &field)?,
            Some("toolResult") => conversion.tool_result(message, &field)?,
            _ => {
                return Err(Error::invalid(
                    format!("{field}.role"),
                    "must be \"user\", \"assistant\" or \"toolResult\"",
                ));
            }
        }
    }
    conversion.answer_open_calls();
    Ok(conversion.contents)
}

struct Conversion<'m, 'a> {
    model: &'m Model,
    images: &'a [String],
    contents: Vec<Content<'a>>,
    history: History<'a>,
    ids: CallIds<'a>,
}

impl<'a> Conversion<'_, 'a> {
    fn user(&mut self, message: &Message<'a>, field: &str) -> Result<()> {
        self.answer_open_calls();
        let parts = match message.content {
            Some(content) if content.get().starts_with('"') => {
                vec![Part::text(clean(content.get()))]
            }
            _ => self.user_parts(&message.blocks(field)?, field)?,
        };
        if !parts.is_empty() {
            self.contents.push(Content { role: "user", parts });
        }
        Ok(())
    }

    fn user_parts(&self, blocks: &[Block<'a>], field: &str) -> Result<Vec<Part<'a>>> {
        let mut parts = Vec::with_capacity(blocks.len());
        let mut after_placeholder = false;
        for (index, block) in blocks.iter().enumerate() {
            let at = || format!("{field}.content[{index}]");
            if is_string(block.kind, "text") {
                let text = required_text(block.text, &at)?;
                after_placeholder = text.0 == NO_IMAGES_FROM_USER;
                parts.push(Part::text(text));
            } else if !is_string(block.kind, "image") {
                return Err(Error::invalid(
                    format!("{}.type", at()),
                    "must be \"text\" or \"image\"",
                ));
            } else if self.model.reads_images {
                parts.push(Part::image(image(block, self.images, &at)?));
            } else if !after_placeholder {
                after_placeholder = true;
                parts.push(Part::fixed_text(NO_IMAGES_FROM_USER));
            }
        }
        Ok(parts)
    }

    fn assistant(&mut self, message: &Message<'a>, field: &str) -> Result<()> {
        self.answer_open_calls();
        let blocks = message.blocks(field)?;
        let same_model = self.is_from_same_model(message);
        let ids: Vec<_> =
            blocks.iter().map(|block| self.ids.outgoing(block, self.model, same_model)).collect();
        // A failed turn is incomplete: the model continues from the last complete one.
        if is_string(message.stop_reason, "error") || is_string(message.stop_reason, "aborted") {
            return Ok(());
        }
        let mut parts = Vec::with_capacity(blocks.len());
        let mut calls = Vec::new();
        for (block, id) in blocks.iter().zip(ids) {
            match string_inner(block.kind) {
                Some("text") => parts.extend(Self::text_part(block, same_model)),
                Some("thinking") => parts.extend(Self::thinking_part(block, same_model)),
                Some("toolCall") => {
                    calls.push((id.clone(), block.name));
                    parts.push(self.call_part(block, id, same_model));
                }
                _ => {}
            }
        }
        self.history.called(calls);
        if !parts.is_empty() {
            self.contents.push(Content { role: "model", parts });
        }
        Ok(())
    }

    /// Same provider, API and model: only then may thoughts and signatures go back.
    fn is_from_same_model(&self, message: &Message<'_>) -> bool {
        let is = |raw: Raw<'_>, expected: &str| decode(raw).is_some_and(|text| text == expected);
        is(message.provider, &self.model.provider)
            && is(message.api, &self.model.api)
            && is(message.model, &self.model.id)
    }

    fn text_part(block: &Block<'a>, same_model: bool) -> Option<Part<'a>> {
        let text = visible(block.text)?;
        let signature = block.text_signature.filter(|_| same_model);
        Some(Part { thought_signature: valid_signature(signature), ..Part::text(text) })
    }

    fn thinking_part(block: &Block<'a>, same_model: bool) -> Option<Part<'a>> {
        if truthy(block.redacted) && !same_model {
            return None;
        }
        let text = visible(block.thinking)?;
        // Another model's thoughts become plain text, without tags that this one might copy.
        if !same_model {
            return Some(Part::text(text));
        }
        let thought_signature = valid_signature(block.thinking_signature);
        Some(Part { thought: Some(true), thought_signature, ..Part::text(text) })
    }

    fn call_part(&self, block: &Block<'a>, id: CallId<'a>, same_model: bool) -> Part<'a> {
        let signature = block.thought_signature.filter(|_| same_model);
        // Gemini 3 refuses unsigned calls; this value is the documented way to send one.
        let unsigned = Literal(Cow::Borrowed("\"skip_thought_signature_validator\""));
        let unsigned = self.model.is_gemini_3_family().then_some(unsigned);
        Part {
            function_call: Some(FunctionCall {
                name: block.name.map(Literal::borrowed),
                args: block.arguments.map_or(Literal(Cow::Borrowed("{}")), Literal::borrowed),
                id: id.filter(|_| self.model.needs_call_ids()).map(Literal),
            }),
            thought_signature: valid_signature(signature).or(unsigned),
            ..Part::default()
        }
    }

    fn tool_result(&mut self, message: &Message<'a>, field: &str) -> Result<()> {
        let id = self.ids.incoming(message.tool_call_id);
        self.history.answered(id.clone());
        let blocks = message.blocks(field)?;
        let result = ToolResult::read(message, id, &blocks, self.model, |index, block| {
            image(block, self.images, &|| format!("{field}.content[{index}]"))
        })?;
        push_result(&mut self.contents, result, self.model);
        Ok(())
    }

    fn answer_open_calls(&mut self) {
        for (id, name) in self.history.take_unanswered() {
            push_result(&mut self.contents, ToolResult::missing(id, name), self.model);
        }
    }
}

fn visible(raw: Raw<'_>) -> Option<Literal<'_>> {
    string_inner(raw).filter(|inner| !is_blank(inner))?;
    raw.map(|raw| clean(raw.get()))
}

fn required_text<'a>(raw: Raw<'a>, at: &dyn Fn() -> String) -> Result<Literal<'a>> {
    string_inner(raw)
        .ok_or_else(|| Error::invalid(format!("{}.text", at()), "must be a string"))?;
    Ok(raw.map_or(Literal(Cow::Borrowed("\"\"")), |raw| clean(raw.get())))
}

fn image<'a>(
    block: &Block<'a>,
    images: &'a [String],
    at: &dyn Fn() -> String,
) -> Result<InlineData<'a>> {
    let index = block.data.and_then(|raw| raw.get().parse::<usize>().ok());
    let data = index
        .and_then(|index| images.get(index))
        .ok_or_else(|| Error::invalid(format!("{}.data", at()), "must be a string (base64)"))?;
    let data = Literal(Cow::Borrowed(data));
    Ok(InlineData { mime_type: block.mime_type.map(Literal::borrowed), data })
}

/// A signature is bytes in base64; anything else is not this API's and would be refused.
fn valid_signature(raw: Raw<'_>) -> Option<Literal<'_>> {
    let inner = string_inner(raw)?;
    let padding = inner.bytes().rev().take_while(|byte| *byte == b'=').count();
    let body = inner.get(..inner.len() - padding)?;
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let valid =
        padding <= 2 && !body.is_empty() && inner.len() % 4 == 0 && body.bytes().all(in_alphabet);
    raw.filter(|_| valid).map(Literal::borrowed)
}
