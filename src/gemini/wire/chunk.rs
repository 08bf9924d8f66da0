//! One chunk of the response as the server writes it. Texts, arguments and signatures stay literals.

use serde::Deserialize;

use crate::gemini::literal::Raw;

#[derive(Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(borrow)]
    pub(crate) response: Option<Response<'a>>,
    #[serde(borrow)]
    pub(crate) error: Raw<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the server's names")]
pub(crate) struct Response<'a> {
    #[serde(borrow)]
    pub(crate) candidates: Option<Vec<Candidate<'a>>>,
    pub(crate) usage_metadata: Option<UsageMetadata>,
    #[serde(borrow)]
    pub(crate) response_id: Raw<'a>,
    pub(crate) prompt_feedback: Option<PromptFeedback>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Candidate<'a> {
    #[serde(borrow)]
    pub(crate) content: Option<Content<'a>>,
    pub(crate) finish_reason: Option<String>,
    pub(crate) finish_message: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Content<'a> {
    #[serde(borrow)]
    pub(crate) parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part<'a> {
    #[serde(borrow)]
    pub(crate) text: Raw<'a>,
    #[serde(borrow)]
    pub(crate) thought: Raw<'a>,
    #[serde(borrow)]
    pub(crate) thought_signature: Raw<'a>,
    #[serde(borrow)]
    pub(crate) function_call: Option<FunctionCall<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct FunctionCall<'a> {
    #[serde(borrow)]
    pub(crate) id: Raw<'a>,
    #[serde(borrow)]
    pub(crate) name: Raw<'a>,
    #[serde(borrow)]
    pub(crate) args: Raw<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromptFeedback {
    pub(crate) block_reason: Option<String>,
}

/// Token counts as the server gives them; an absent one counts as zero.
#[expect(clippy::struct_field_names, reason = "the server's names")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageMetadata {
    pub(crate) prompt_token_count: Option<f64>,
    pub(crate) cached_content_token_count: Option<f64>,
    pub(crate) candidates_token_count: Option<f64>,
    pub(crate) thoughts_token_count: Option<f64>,
    pub(crate) total_token_count: Option<f64>,
}
