//! The parts of a request body, as the server wants them.

use std::borrow::Cow;

use serde::Serialize;

use crate::gemini::literal::Literal;

#[derive(Debug, Serialize)]
pub(crate) struct Content<'a> {
    pub(crate) role: &'static str,
    pub(crate) parts: Vec<Part<'a>>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thought: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<Literal<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inline_data: Option<InlineData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thought_signature: Option<Literal<'a>>,
}

impl<'a> Part<'a> {
    pub(crate) fn text(text: Literal<'a>) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    pub(crate) fn fixed_text(literal: &'static str) -> Self {
        Self::text(Literal(Cow::Borrowed(literal)))
    }

    pub(crate) fn image(image: InlineData<'a>) -> Self {
        Self { inline_data: Some(image), ..Self::default() }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InlineData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mime_type: Option<Literal<'a>>,
    pub(crate) data: Literal<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Literal<'a>>,
    pub(crate) args: Literal<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Literal<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Literal<'a>>,
    pub(crate) response: ToolOutput<'a>,
    /// Images, where the model reads them inside the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Literal<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ToolOutput<'a> {
    Output(Literal<'a>),
    Error(Literal<'a>),
}
