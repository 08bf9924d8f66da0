//! The caller's conversation as it crosses the boundary: JSON text, whose strings stay literals, and the
//! image data beside it.

use serde::Deserialize;

use super::literal::Raw;
use crate::error::{Error, Result};

/// A conversation. `images` holds the data that the text refers to by index.
#[derive(Debug, Default)]
pub struct ContextText {
    pub json: String,
    pub images: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context<'a> {
    #[serde(borrow)]
    pub(super) system_prompt: Raw<'a>,
    #[serde(borrow)]
    pub(super) messages: Option<Vec<Message<'a>>>,
    #[serde(borrow)]
    pub(super) tools: Option<Vec<Tool<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) role: Raw<'a>,
    #[serde(borrow)]
    pub(super) content: Raw<'a>,
    #[serde(borrow)]
    pub(super) provider: Raw<'a>,
    #[serde(borrow)]
    pub(super) api: Raw<'a>,
    #[serde(borrow)]
    pub(super) model: Raw<'a>,
    #[serde(borrow)]
    pub(super) stop_reason: Raw<'a>,
    #[serde(borrow)]
    pub(super) tool_call_id: Raw<'a>,
    #[serde(borrow)]
    pub(super) tool_name: Raw<'a>,
    #[serde(borrow)]
    pub(super) is_error: Raw<'a>,
}

/// A content block of any type; which fields count follows from `kind`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Raw<'a>,
    #[serde(borrow)]
    pub(super) text: Raw<'a>,
    #[serde(borrow)]
    pub(super) text_signature: Raw<'a>,
    #[serde(borrow)]
    pub(super) thinking: Raw<'a>,
    #[serde(borrow)]
    pub(super) thinking_signature: Raw<'a>,
    #[serde(borrow)]
    pub(super) redacted: Raw<'a>,
    #[serde(borrow)]
    pub(super) id: Raw<'a>,
    #[serde(borrow)]
    pub(super) name: Raw<'a>,
    #[serde(borrow)]
    pub(super) arguments: Raw<'a>,
    #[serde(borrow)]
    pub(super) thought_signature: Raw<'a>,
    /// An index into [`ContextText::images`].
    #[serde(borrow)]
    pub(super) data: Raw<'a>,
    #[serde(borrow)]
    pub(super) mime_type: Raw<'a>,
}

#[derive(Deserialize)]
pub(super) struct Tool<'a> {
    #[serde(borrow)]
    pub(super) name: Raw<'a>,
    #[serde(borrow)]
    pub(super) description: Raw<'a>,
    #[serde(borrow)]
    pub(super) parameters: Raw<'a>,
}

impl ContextText {
    pub(super) fn parse(&self) -> Result<Context<'_>> {
        // The parser's own words may quote the conversation, so they are not passed on.
        serde_json::from_str(&self.json).map_err(|_| {
            Error::invalid("context", "must be an object with `messages`, an array of objects")
        })
    }
}

impl<'a> Message<'a> {
    /// The content blocks. `field` is the message's place, for errors.
    pub(super) fn blocks(&self, field: &str) -> Result<Vec<Block<'a>>> {
        self.content
            .and_then(|content| serde_json::from_str(content.get()).ok())
            .ok_or_else(|| Error::invalid(format!("{field}.content"), "must be an array of blocks"))
    }
}
