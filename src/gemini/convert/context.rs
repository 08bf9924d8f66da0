//! The caller's conversation as it crosses the boundary: JSON text, whose strings stay literals, and the
//! image data beside it.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::gemini::literal::Raw;

/// A conversation. `images` holds the data that the text refers to by index.
#[derive(Debug, Default)]
pub(crate) struct ContextText {
    pub json: String,
    pub images: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context<'a> {
    #[serde(borrow)]
    pub(crate) system_prompt: Raw<'a>,
    #[serde(borrow)]
    pub(crate) messages: Option<Vec<Message<'a>>>,
    #[serde(borrow)]
    pub(crate) tools: Option<Vec<Tool<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    #[serde(borrow)]
    pub(crate) role: Raw<'a>,
    #[serde(borrow)]
    pub(crate) content: Raw<'a>,
    #[serde(borrow)]
    pub(crate) provider: Raw<'a>,
    #[serde(borrow)]
    pub(crate) api: Raw<'a>,
    #[serde(borrow)]
    pub(crate) model: Raw<'a>,
    #[serde(borrow)]
    pub(crate) stop_reason: Raw<'a>,
    #[serde(borrow)]
    pub(crate) tool_call_id: Raw<'a>,
    #[serde(borrow)]
    pub(crate) tool_name: Raw<'a>,
    #[serde(borrow)]
    pub(crate) is_error: Raw<'a>,
}

/// A content block of any type; which fields count follows from `kind`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Raw<'a>,
    #[serde(borrow)]
    pub(crate) text: Raw<'a>,
    #[serde(borrow)]
    pub(crate) text_signature: Raw<'a>,
    #[serde(borrow)]
    pub(crate) thinking: Raw<'a>,
    #[serde(borrow)]
    pub(crate) thinking_signature: Raw<'a>,
    #[serde(borrow)]
    pub(crate) redacted: Raw<'a>,
    #[serde(borrow)]
    pub(crate) id: Raw<'a>,
    #[serde(borrow)]
    pub(crate) name: Raw<'a>,
    #[serde(borrow)]
    pub(crate) arguments: Raw<'a>,
    #[serde(borrow)]
    pub(crate) thought_signature: Raw<'a>,
    /// An index into [`ContextText::images`].
    #[serde(borrow)]
    pub(crate) data: Raw<'a>,
    #[serde(borrow)]
    pub(crate) mime_type: Raw<'a>,
}

#[derive(Deserialize)]
pub(crate) struct Tool<'a> {
    #[serde(borrow)]
    pub(crate) name: Raw<'a>,
    #[serde(borrow)]
    pub(crate) description: Raw<'a>,
    #[serde(borrow)]
    pub(crate) parameters: Raw<'a>,
}

impl ContextText {
    pub(crate) fn parse(&self) -> Result<Context<'_>> {
        // The parser's own words may quote the conversation, so they are not passed on.
        serde_json::from_str(&self.json).map_err(|_| {
            Error::invalid("context", "must be an object with `messages`, an array of objects")
        })
    }
}

impl<'a> Message<'a> {
    /// The content blocks. `field` is the message's place, for errors.
    pub(crate) fn blocks(&self, field: &str) -> Result<Vec<Block<'a>>> {
        self.content
            .and_then(|content| serde_json::from_str(content.get()).ok())
            .ok_or_else(|| Error::invalid(format!("{field}.content"), "must be an array of blocks"))
    }
}
