//! The parts of a request body, as the server wants them.

use std::borrow::Cow;

use serde::Serialize;

use super::literal::Literal;

#[derive(Debug, Serialize)]
pub(super) struct Content<'a> {
    pub(super) role: &'static str,
    pub(super) parts: Vec<Part<'a>>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Literal<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inline_data: Option<InlineData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought_signature: Option<Literal<'a>>,
}

impl<'a> Part<'a> {
    pub(super) fn text(text: Literal<'a>) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    pub(super) fn fixed_text(literal: &'static str) -> Self {
        Self::text(Literal(Cow::Borrowed(literal)))
    }

    pub(super) fn image(image: InlineData<'a>) -> Self {
        Self { inline_data: Some(image), ..Self::default() }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InlineData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mime_type: Option<Literal<'a>>,
    pub(super) data: Literal<'a>,
}

#[derive(Debug, Serialize)]
pub(super) struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Literal<'a>>,
    pub(super) args: Literal<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Literal<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Literal<'a>>,
    pub(super) response: ToolOutput<'a>,
    /// Images, where the model reads them inside the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Literal<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ToolOutput<'a> {
    Output(Literal<'a>),
    Error(Literal<'a>),
}
