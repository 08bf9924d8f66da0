//! A tool's result as the server wants it.
//!
//! Invariant: the results of one turn stand together in one user turn.

use std::borrow::Cow;

use super::context::{Block, Message};
use super::history::CallId;
use super::parts::{Content, FunctionResponse, InlineData, Part, ToolOutput};
use crate::error::Result;
use crate::gemini::call::model::Model;
use crate::gemini::literal::clean;
use crate::gemini::literal::{Literal, Raw, is_string, string_inner, truthy};

const NO_IMAGES_FROM_TOOL: &str = "(tool image omitted: model does not support images)";

/// What a tool gave back.
pub(crate) struct ToolResult<'a> {
    id: CallId<'a>,
    name: Raw<'a>,
    /// `None` when the tool gave no text at all.
    text: Option<Literal<'a>>,
    images: Vec<InlineData<'a>>,
    is_error: bool,
}

impl<'a> ToolResult<'a> {
    pub(crate) fn read(
        message: &Message<'a>,
        id: CallId<'a>,
        blocks: &[Block<'a>],
        model: &Model,
        image: impl Fn(usize, &Block<'a>) -> Result<InlineData<'a>>,
    ) -> Result<Self> {
        let mut lines: Vec<&str> = Vec::new();
        let mut images = Vec::new();
        let mut after_placeholder = false;
        for (index, block) in blocks.iter().enumerate() {
            if is_string(block.kind, "image") {
                if model.reads_images {
                    images.push(image(index, block)?);
                } else if !after_placeholder {
                    after_placeholder = true;
                    lines.push(NO_IMAGES_FROM_TOOL);
                }
                continue;
            }
            let text = string_inner(block.text).unwrap_or_default();
            after_placeholder = text == NO_IMAGES_FROM_TOOL;
            if is_string(block.kind, "text") {
                lines.push(text);
            }
        }
        let is_error = truthy(message.is_error);
        Ok(Self { id, name: message.tool_name, text: join(&lines), images, is_error })
    }

    /// Stands in for a result that never came: the server refuses a call without one.
    pub(crate) fn missing(id: CallId<'a>, name: Raw<'a>) -> Self {
        let text = Some(Literal(Cow::Borrowed("\"No result provided\"")));
        Self { id, name, text, images: Vec::new(), is_error: true }
    }
}

/// Joins the insides of string literals with line feeds.
fn join<'a>(lines: &[&str]) -> Option<Literal<'a>> {
    let joined = format!("\"{}\"", lines.join("\\n"));
    (joined.len() > 2).then(|| Literal(Cow::Owned(clean(&joined).0.into_owned())))
}

/// Adds a result to the conversation, beside the results before it.
pub(crate) fn push_result<'a>(
    contents: &mut Vec<Content<'a>>,
    result: ToolResult<'a>,
    model: &Model,
) {
    let has_images = !result.images.is_empty();
    let without_text = if has_images { "\"(see attached image)\"" } else { "\"\"" };
    let text = result.text.unwrap_or(Literal(Cow::Borrowed(without_text)));
    let mut images = result.images.into_iter().map(Part::image).collect::<Vec<_>>();
    let inside = model.reads_images_in_results();
    let part = Part {
        function_response: Some(FunctionResponse {
            name: result.name.map(Literal::borrowed),
            response: if result.is_error {
                ToolOutput::Error(text)
            } else {
                ToolOutput::Output(text)
            },
            parts: if inside { std::mem::take(&mut images) } else { Vec::new() },
            id: result.id.filter(|_| model.needs_call_ids()).map(Literal),
        }),
        ..Part::default()
    };
    let has_results = |content: &Content<'_>| {
        content.role == "user" && content.parts.iter().any(|part| part.function_response.is_some())
    };
    match contents.last_mut() {
        Some(last) if has_results(last) => last.parts.push(part),
        _ => contents.push(Content { role: "user", parts: vec![part] }),
    }
    // Older models read images only in a turn of their own.
    if !images.is_empty() {
        images.insert(0, Part::fixed_text("\"Tool result image:\""));
        contents.push(Content { role: "user", parts: images });
    }
}
